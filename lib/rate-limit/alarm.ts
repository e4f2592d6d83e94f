import type { Clock } from '../util/clock';

/** Rings once, at the time that it was set to last. */
export class Alarm {
  #at = Infinity;
  #isBackground = false;
  #cancel = (): void => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** When it rings, by `Clock.now()`; `Infinity`: it is not set. */
  get at(): number {
    return this.#at;
  }

  /**
   * @param at when it rings; `Infinity` stops it
   * @param isBackground whether the process may end before
   */
  set(at: number, isBackground = false): void {
    if (at === this.#at && isBackground === this.#isBackground) return;
    this.#cancel();
    this.#at = at;
    this.#isBackground = isBackground;
    if (at === Infinity) return;
    const ring = (): void => {
      this.#at = Infinity;
      this.ring();
    };
    this.#cancel = this.clock.after(at - this.clock.now(), ring, isBackground);
  }
}
