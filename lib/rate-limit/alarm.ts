import type { Clock } from '../util/clock';

/** Rings once, at the time that it was set to last. */
export class Alarm {
  #at = Infinity;
  #cancel = (): void => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** When it rings, by `Clock.now()`; `Infinity`: it is not set. */
  get at(): number {
    return this.#at;
  }

  /** @param at when it rings; `Infinity` stops it */
  set(at: number): void {
    if (at === this.#at) return;
    this.#cancel();
    this.#at = at;
    if (at === Infinity) return;
    this.#cancel = this.clock.after(at - this.clock.now(), () => {
      this.#at = Infinity;
      this.ring();
    });
  }
}
