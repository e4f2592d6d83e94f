import { Action, DOApi, Image, type WaitOptions } from '../..';
import type { ProgressView, ProgressLine } from './progress-view';
import { change } from '../session/call-tracking';
import { type Paint, statusColour } from './style';
import { bar, clip, duration, pad, widthOf } from './text-layout';

/** What can be waited for. */
type Awaited = Action | Image;

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const BAR = 12;
/** How long such things take, until the session has seen one end. */
const USUAL = 120_000;

/** One wait, as a line of the board. */
class WaitLine implements ProgressLine {
  over = false;
  #state: Awaited;
  #looks = 0;
  #lookedAt: number;
  #frame = 0;
  readonly #began: number;

  constructor(
    state: Awaited,
    private readonly waits: Waits,
    private readonly interval: number,
  ) {
    this.#state = state;
    this.#began = this.#lookedAt = waits.now();
  }

  get elapsed(): number {
    return this.waits.now() - this.#began;
  }

  see(state: Awaited, looks: number): void {
    this.#state = state;
    this.#looks = looks;
    this.#lookedAt = this.waits.now();
  }

  /** The wait is over; what it waited for may go on. */
  end(state: Awaited): void {
    this.#state = state;
    this.over = true;
  }

  text(columns: number): string {
    const { paint } = this.waits;
    const status = this.#state.status ?? 'unknown';
    if (this.over) {
      const mark = statusColour(status) === 'green' ? paint('green', '✔') : paint('red', '✖');
      const took = `after ${duration(this.elapsed)}`;
      return `${mark} ${this.#fitting(columns - 2, `${this.#what}  ${status} ${took}`, `${this.#what} ${took}`)}`;
    }
    const frame = FRAMES[this.#frame++ % FRAMES.length] ?? '';
    const { full, empty } = bar(1 - Math.exp(-this.elapsed / this.waits.usual), BAR);
    const look = this.#looks === 0 ? '' : `look ${this.#looks}, `;
    const next = `next in ${duration(Math.max(0, this.#nextLook - this.waits.now()))}`;
    const what = pad(this.#what, this.waits.widest);
    const long = `${pad(duration(this.elapsed), 8, true)}  ${look}${next}`;
    if (2 + widthOf(what) + BAR + 4 + widthOf(long) <= columns)
      return `${paint('cyan', frame)} ${what}  ${paint('cyan', full)}${paint('dim', empty)}  ${long}`;
    const short = `${this.#what} ${duration(this.elapsed)}`;
    return `${paint('cyan', frame)} ${this.#fitting(columns - 2, `${short}, ${look}${next}`, `${short}, look ${this.#looks}`)}`;
  }

  /** The first that fits. */
  #fitting(columns: number, ...texts: readonly string[]): string {
    return texts.find((text) => widthOf(text) <= columns) ?? clip(texts.at(-1) ?? '', columns);
  }

  /** `transfer to nyc3`. */
  get what(): string {
    return this.#what;
  }

  get #what(): string {
    const state = this.#state;
    if (state instanceof Image) return `import of ${state.name || String(state.id)}`;
    const { id, type, regionSlug } = state;
    if (type === null) return `action ${id}`;
    return type === 'transfer' && regionSlug
      ? `transfer to ${regionSlug}`
      : `${type} of ${state.resourceId ?? id}`;
  }

  /** The rule of the library: the longer of the interval and a tenth of the age, at most half a minute. */
  get #nextLook(): number {
    const pause = Math.max(this.interval, Math.min(30_000, this.elapsed / 10));
    return this.#lookedAt + pause;
  }
}

/** Shows the waits of a session while a line is being run. */
export class Waits {
  readonly #under = new Set<WaitLine>();
  readonly #took: number[] = [];

  /** @param now the time of what is talked to, in milliseconds */
  constructor(
    private readonly board: ProgressView | null,
    readonly now: () => number,
    readonly paint: Paint,
    private readonly interval: number,
  ) {}

  /** How many go on. */
  get size(): number {
    return this.#under.size;
  }

  /** How long they took so far, in the middle. */
  get usual(): number {
    return [...this.#took].sort((a, b) => a - b)[this.#took.length >> 1] ?? USUAL;
  }

  get widest(): number {
    return Math.max(0, ...[...this.#under].map(({ what }) => widthOf(what)));
  }

  /** Puts a line on the board for every wait that is made in this process. */
  watch(): void {
    change(Action.prototype, 'wait', (own) => {
      const { one } = this.#around(own);
      return function (...args) {
        return (this as Action).done ? own.apply(this, args) : one(this as Action, args);
      };
    });
    change(Image.prototype, 'waitUntilAvailable', (own) => {
      const { one } = this.#around(own);
      return function (...args) {
        return (this as Image).status === 'available' ? own.apply(this, args) : one(this as Image, args);
      };
    });
    change(DOApi.prototype, 'waitActions', (own) => {
      const { many } = this.#around(own);
      return function (actions, options) {
        return many(
          this as DOApi,
          actions as (Action | number)[],
          options as WaitOptions<Action> | undefined,
        );
      };
    });
  }

  #around(own: (this: object, ...args: unknown[]) => unknown) {
    const one = async (subject: Awaited, [options, ...rest]: unknown[]): Promise<unknown> => {
      const line = this.#begin(subject, options);
      try {
        const told = this.#telling(options, () => line);
        const ended = (await own.call(subject, told, ...rest)) as Awaited;
        this.#end(line, ended);
        return ended;
      } catch (error) {
        const { action, image } = error as { action?: Action; image?: Image };
        this.#end(line, action ?? image);
        throw error;
      }
    };
    const many = (
      api: DOApi,
      actions: (Action | number)[],
      options: WaitOptions<Action> | undefined,
    ): AsyncGenerator<Action, void> => {
      const lines = new Map<number, WaitLine>();
      const told = this.#telling(options, ({ id }) => lines.get(id));
      // What makes no sense throws here, in the library's own words.
      const ended = own.call(api, actions, told) as AsyncGenerator<Action, void>;
      const subjects = actions.map((action) => (action instanceof Action ? action : api.action(action)));
      const begin = (): void => {
        for (const one of subjects) if (!one.done) lines.set(one.id, this.#begin(one, options));
      };
      const end = (action: Action): void => {
        const line = lines.get(action.id);
        if (line) this.#end(line, action);
      };
      const left = (): void => {
        for (const line of lines.values()) this.#end(line);
      };
      return each(ended, { begin, end, left });
    };
    return { one, many };
  }

  #telling(options: unknown, lineOf: (state: Awaited) => WaitLine | undefined): unknown {
    if (options !== undefined && (typeof options !== 'object' || options === null)) return options;
    const { onProgress, ...rest } = (options ?? {}) as WaitOptions<Awaited>;
    if (onProgress !== undefined && typeof onProgress !== 'function') return options;
    const told: WaitOptions<Awaited> = {
      ...rest,
      onProgress: (progress) => {
        lineOf(progress.state)?.see(progress.state, progress.polls);
        onProgress?.(progress);
      },
    };
    return told;
  }

  #begin(subject: Awaited, options: unknown): WaitLine {
    const line = new WaitLine(subject, this, (options as WaitOptions | undefined)?.interval ?? this.interval);
    this.#under.add(line);
    this.board?.add(line);
    return line;
  }

  /** @param state its last state; without one it was given up */
  #end(line: WaitLine, state?: Awaited): void {
    if (!this.#under.delete(line)) return;
    if (state) {
      line.end(state);
      this.#took.push(line.elapsed);
    }
    this.board?.remove(line);
  }
}

/** A generator that tells when it begins, what it gives, and when it is left. */
async function* each(
  items: AsyncGenerator<Action, void>,
  tell: { begin: () => void; end: (action: Action) => void; left: () => void },
): AsyncGenerator<Action, void, undefined> {
  tell.begin();
  try {
    for await (const item of items) {
      tell.end(item);
      yield item;
    }
  } finally {
    tell.left();
  }
}
