import { Action, Droplet, Image } from '../..';
import { pollDelay } from '../../polling/wait-options';
import type { WaitTarget } from '../../model/wait-target';
import type { WaitObserver } from '../session/session-client';
import type { ProgressView, ProgressLine } from './progress-view';
import { printable } from '../../util/text/sanitize';
import { type Paint, statusColour } from './style';
import { bar, clip, duration, pad, widthOf } from './text-layout';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const BAR_WIDTH = 12;
/** The expected length of a wait until one has ended, in milliseconds. */
const DEFAULT_LENGTH = 120_000;

/** One wait, as a line of the progress view. */
class WaitLine implements ProgressLine {
  isFinal = false;
  #state: unknown;
  #polls = 0;
  #polledAt: number;
  #frame = 0;
  readonly #startedAt: number;

  constructor(
    private readonly waits: WaitLines,
    private readonly target: WaitTarget<unknown>,
    private readonly interval: number,
    private readonly now: () => number,
  ) {
    this.#state = target.state;
    this.#startedAt = this.#polledAt = now();
  }

  get elapsed(): number {
    return this.now() - this.#startedAt;
  }

  update(state: unknown, polls: number): void {
    this.#state = state;
    this.#polls = polls;
    this.#polledAt = this.now();
  }

  /** Makes the line final: its wait is over. */
  end(state: unknown): void {
    this.#state = state;
    this.isFinal = true;
  }

  text(columns: number): string {
    const { paint } = this.waits;
    const { title } = this;
    if (this.isFinal) {
      const status = printable(this.target.status(this.#state) ?? 'unknown');
      // A Droplet that was waited for until it is off has ended well, too.
      const mark = statusColour(status) === 'red' ? paint('red', '✖') : paint('green', '✔');
      const took = `after ${duration(this.elapsed)}`;
      return `${mark} ${longestThatFits(columns - 2, `${title}  ${status} ${took}`, `${title} ${took}`)}`;
    }
    const frame = paint('cyan', FRAMES[this.#frame++ % FRAMES.length] ?? '');
    const { full, empty } = bar(1 - Math.exp(-this.elapsed / this.waits.typicalLength), BAR_WIDTH);
    const poll = this.#polls === 0 ? '' : `poll ${this.#polls}, `;
    const next = `next in ${duration(Math.max(0, this.#nextPollAt - this.now()))}`;
    const padded = pad(title, this.waits.widestTitle);
    const long = `${pad(duration(this.elapsed), 8, true)}  ${poll}${next}`;
    if (2 + widthOf(padded) + BAR_WIDTH + 4 + widthOf(long) <= columns)
      return `${frame} ${padded}  ${paint('cyan', full)}${paint('dim', empty)}  ${long}`;
    const short = `${title} ${duration(this.elapsed)}`;
    return `${frame} ${longestThatFits(columns - 2, `${short}, ${poll}${next}`, `${short}, poll ${this.#polls}`)}`;
  }

  /** `transfer to nyc3`. */
  get title(): string {
    return printable(this.#title);
  }

  get #title(): string {
    const state = this.#state;
    if (state instanceof Image) return `import of ${state.name || String(state.id)}`;
    if (state instanceof Droplet && state.name !== '')
      return this.target.name.replace(`Droplet ${state.id}`, () => `Droplet ${state.name}`);
    if (!(state instanceof Action)) return this.target.name;
    const { id, type, regionSlug, resourceId, resourceType } = state;
    if (type === null) return `action ${id}`;
    if (type === 'transfer' && regionSlug) return `transfer to ${regionSlug}`;
    return `${type} of ${resourceType === 'droplet' ? 'Droplet ' : ''}${resourceId ?? id}`;
  }

  get #nextPollAt(): number {
    return this.#polledAt + pollDelay(this.interval, this.elapsed);
  }
}

/** The first text that fits, else the last one cut. */
function longestThatFits(columns: number, ...texts: readonly string[]): string {
  return texts.find((text) => widthOf(text) <= columns) ?? clip(texts.at(-1) ?? '', columns);
}

/** The waits of a session, each with a line in the progress view. */
export class WaitLines {
  readonly #running = new Set<WaitLine>();
  readonly #lengths: number[] = [];

  constructor(
    private readonly view: ProgressView | null,
    readonly paint: Paint,
  ) {}

  /** How many waits are running. */
  get size(): number {
    return this.#running.size;
  }

  /** The median length of the waits so far, in milliseconds. */
  get typicalLength(): number {
    return [...this.#lengths].sort((a, b) => a - b)[this.#lengths.length >> 1] ?? DEFAULT_LENGTH;
  }

  get widestTitle(): number {
    return Math.max(0, ...[...this.#running].map(({ title }) => widthOf(title)));
  }

  /** Adds a line for a wait. Times are milliseconds of the clock that `now` reads. */
  start(target: WaitTarget<unknown>, interval: number, now: () => number): WaitObserver {
    const line = new WaitLine(this, target, interval, now);
    this.#running.add(line);
    this.view?.add(line);
    return {
      update: (state, polls) => line.update(state, polls),
      end: (state) => {
        this.#running.delete(line);
        if (state !== undefined) {
          line.end(state);
          this.#lengths.push(line.elapsed);
        }
        this.view?.remove(line);
      },
    };
  }
}
