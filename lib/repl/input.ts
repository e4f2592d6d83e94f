import { Readable } from 'node:stream';

const CTRL_C = '\u0003';

/** What the keys and lines of a session may have to wait for, and what Ctrl-C does. */
export interface Reader {
  /** Whether a line is being run. */
  readonly busy: boolean;
  /** Resolves when none is. */
  idle(): Promise<void>;
  /** Ctrl-C: returns whether it was meant for what is under way, and not for the line that is being typed. */
  interrupt(): boolean;
}

/** A line ends here; but not where the next one goes on with a method, as in a chain of calls. */
const LINE = /.*?(?:\r\n|[\r\n])(?![ \t]+\.)|.+$/gs;

/**
 * Keys or lines, handed to the REPL one line at a time: it reads on while an `await` is pending, so that the next line
 * would run before the last one has ended. Meanwhile, Ctrl-C ends what is under way.
 */
export class Input extends Readable {
  /** What a readline looks for in a terminal. */
  readonly isTTY: boolean;
  readonly setRawMode?: (on: boolean) => this;
  isRaw = false;
  readonly #reader: Reader;
  readonly #waiting: string[] = [];
  #ended = false;
  #pumping = false;
  #answer: ((key: string) => void) | null = null;

  constructor(source: NodeJS.ReadStream | Readable, reader: Reader) {
    super({ encoding: 'utf8' });
    this.#reader = reader;
    this.isTTY = 'isTTY' in source && source.isTTY;
    if (this.isTTY) {
      const terminal = source as NodeJS.ReadStream;
      this.setRawMode = (on) => {
        terminal.setRawMode(on);
        this.isRaw = on;
        return this;
      };
    }
    source.setEncoding('utf8');
    source.on('data', (chunk: string) => this.#take(chunk));
    source.once('end', () => {
      this.#ended = true;
      void this.#pump();
    });
  }

  override _read(): void {
    // What is there is pushed.
  }

  /** The next key, which is not part of a line: an answer to a question. */
  key(): Promise<string> {
    return new Promise((resolve) => (this.#answer = resolve));
  }

  /** Lines to be run before anything else that waits. */
  insert(text: string): void {
    this.#waiting.unshift(...linesOf(text));
    void this.#pump();
  }

  /** Nothing more of what waits is run. */
  forget(): void {
    this.#waiting.length = 0;
  }

  #take(chunk: string): void {
    const answer = this.#answer;
    if (answer) {
      this.#answer = null;
      answer(chunk);
      return;
    }
    if (this.isTTY && chunk.includes(CTRL_C) && this.#reader.interrupt()) {
      this.forget();
      return;
    }
    this.#waiting.push(...linesOf(chunk));
    void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    for (;;) {
      await this.#reader.idle();
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.push(next);
      // The REPL takes the line in, and begins to run it.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#pumping = false;
    if (this.#ended) this.push(null);
  }
}

function linesOf(text: string): string[] {
  // A chain of calls over many lines becomes one line.
  return (text.match(LINE) ?? []).map((line) => line.replace(/(?:\r\n|[\r\n])[ \t]+(?=\.)/g, ''));
}
