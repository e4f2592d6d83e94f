import type { Clock } from '../../util/clock';
import { RunningClock } from './running-clock';
import { VirtualClock, type VirtualClockOptions } from './virtual-clock';
import { MachineDate } from '../../util/machine-timers';

/** The kinds of clock: see `SandboxOptions.clock`. */
export type ClockChoice = 'virtual' | 'manual' | 'real';

/** How the clock of a sandbox starts. */
export interface SandboxClockOptions {
  clock: ClockChoice | undefined;
  /** See `SandboxOptions.speed`. */
  speed: number;
  start?: Omit<VirtualClockOptions, 'auto'>;
}

/** The clock of one sandbox. It delegates, so that the clock behind it can be replaced when the sandbox starts to listen. */
export class SandboxClock implements Clock {
  #clock: VirtualClock | RunningClock;
  #mayRun: boolean;

  constructor({ clock, speed, start = {} }: SandboxClockOptions) {
    this.#mayRun = clock === undefined;
    this.#clock =
      clock === 'real'
        ? new RunningClock({ speed, now: start.now ?? 0 })
        : new VirtualClock({ ...start, auto: clock !== 'manual' });
  }

  now(): number {
    return this.#clock.now();
  }

  date(): number {
    return this.#clock.date();
  }

  after(ms: number, callback: () => void): () => void {
    return this.#clock.after(ms, callback);
  }

  /** The virtual clock, or `null` when time runs by itself. */
  get virtual(): VirtualClock | null {
    return this.#clock instanceof VirtualClock ? this.#clock : null;
  }

  /** Lets time run by itself from now on, unless a clock was chosen when the sandbox was created. */
  run(speed: number): void {
    if (!this.#mayRun) return;
    this.#mayRun = false;
    this.#clock = new RunningClock({ speed, now: this.#clock.now() });
  }

  /** The date of a moment of `now()`, to the second, as the API writes it. */
  stamp(moment = this.now()): string {
    // Rounded up: date() is cut to whole milliseconds and now() is not, which must not cost a second here.
    const date = new MachineDate(Math.ceil(this.date() - (this.now() - moment)));
    return `${date.toISOString().slice(0, -5)}Z`;
  }
}
