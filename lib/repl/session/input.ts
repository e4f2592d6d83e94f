import { Readable } from 'node:stream';

export const CTRL_C = '\u0003';

/** What the keys and lines of a session may have to wait for, and what Ctrl-C does. */
export interface Reader {
  /** Whether a line is being run. */
  readonly busy: boolean;
  /** Resolves when none is. */
  idle(): Promise<void>;
  /** Ctrl-C: returns whether it was meant for what is under way, and not for the line that is being typed. */
  interrupt(): boolean;
  /** Anything else was typed. */
  typed(): void;
}

/** A line ends here; but not where the next one goes on with a method, as in a chain of calls. */
const LINE = /.*?(?:\r?\n|\r(?!\n))(?!(?:[ \t]*(?:\/\/[^\r\n]*)?(?:\r?\n|\r(?!\n)))*[ \t]+\??\.)|.+$/gs;

/** Stands where lines of a script were joined into one: a readline knows nothing of it, and no source text holds it. */
const SEAM = '\0';

/** What was read as one line, with its lines as they were written. */
export function withItsLines(line: string): string {
  return line.replaceAll(SEAM, '\n');
}

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
    // A script is read to its end first: where a line ends depends on the next one.
    let script = '';
    source.on('data', (chunk: string) => {
      if (this.isTTY) this.#take(chunk);
      else script += chunk;
    });
    source.once('end', () => {
      this.#ended = true;
      this.insert(script);
    });
  }

  override _read(): void {
    // What is there is pushed.
  }

  /** The next keys, which are not part of a line: of an answer to a question. */
  keys(): Promise<string> {
    return new Promise((resolve) => (this.#answer = resolve));
  }

  /** Lines to be run before anything else that waits. */
  insert(text: string): void {
    const whole = text === '' || /[\r\n]$/.test(text) ? text : `${text}\n`;
    this.#waiting.unshift(...(this.isTTY ? typedLines(whole) : scriptLines(whole)));
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
    if (!chunk.includes(CTRL_C)) this.#reader.typed();
    else if (this.#reader.interrupt()) {
      this.forget();
      return;
    }
    this.#waiting.push(...typedLines(chunk));
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

function scriptLines(text: string): string[] {
  return linesOf(text).map((line) => {
    const end = /[\r\n]+$/.exec(line)?.index ?? line.length;
    return line.slice(0, end).replace(/\r\n|[\r\n]/g, SEAM) + line.slice(end);
  });
}

/** A terminal shows what it takes in: a chain of calls becomes one line of it, where that changes nothing. */
function typedLines(text: string): string[] {
  return linesOf(text).map((line) =>
    /\/\/|`/.test(line) ? line : line.replace(/(?:\r\n|[\r\n])[ \t]+(?=\??\.)/g, ''),
  );
}

function linesOf(text: string): string[] {
  return text.match(LINE) ?? [];
}
