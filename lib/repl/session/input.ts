import { Readable } from 'node:stream';
import { scriptLines, typedLines } from '../code/script-lines';

export const CTRL_C = '\u0003';

/** Splits a text into Ctrl-C and what is between. */
// eslint-disable-next-line no-control-regex -- Ctrl-C is one
const CTRL_C_ALONE = /(\u0003)/;

/** What an input needs to know of the session it feeds. */
export interface InputHandlers {
  /** Whether a line is being evaluated. */
  readonly busy: boolean;
  /** Whether what is no terminal is a file. */
  readonly isFile: boolean;
  /** The code before the cursor, of the statement that has no end yet. */
  readonly typedCode: string;
  /** Resolves when no line is being evaluated. */
  idle(): Promise<void>;
  /** Handles Ctrl-C. Returns whether it interrupted something; if not, it clears the line that is being typed. */
  interrupt(): boolean;
  /** Called when anything but Ctrl-C is typed. */
  typed(): void;
}

/**
 * Hands keys or lines to the REPL, one line at a time. A REPL reads on while an `await` is pending, so that the next
 * line would run before the last one has ended. Only Ctrl-C is handled meanwhile.
 */
export class Input extends Readable {
  /** A readline expects these of a terminal. */
  readonly isTTY: boolean;
  readonly setRawMode?: (on: boolean) => this;
  isRaw = false;
  readonly #handlers: InputHandlers;
  /** The lines to come, the next one at the end: from there it is taken in no time. */
  readonly #lines: string[] = [];
  /** What a terminal has sent after them, the oldest at the end. How it is split depends on the code before it. */
  readonly #chunks: string[] = [];
  #ended = false;
  #pumping = false;
  #onKeys: ((keys: string) => void) | null = null;

  constructor(source: NodeJS.ReadStream | Readable, handlers: InputHandlers) {
    super({ encoding: 'utf8' });
    this.#handlers = handlers;
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
    // A script is read to its end first, since the next line decides where a line ends.
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
    // Lines are pushed as they come.
  }

  /** The next keys, which answer a question and are not part of a line. */
  keys(): Promise<string> {
    return new Promise((resolve) => (this.#onKeys = resolve));
  }

  /** Puts lines before all others in the queue. */
  insert(text: string): void {
    const whole = text === '' || /[\r\n]$/.test(text) ? text : `${text}\n`;
    const lines = this.isTTY ? typedLines(whole) : scriptLines(whole, this.#handlers.isFile);
    for (const line of lines.reverse()) this.#lines.push(line);
    void this.#pump();
  }

  /** Empties the queue. */
  clear(): void {
    this.#lines.length = this.#chunks.length = 0;
  }

  #take(chunk: string): void {
    const onKeys = this.#onKeys;
    if (onKeys) {
      this.#onKeys = null;
      onKeys(chunk);
      return;
    }
    if (!chunk.startsWith(CTRL_C)) this.#handlers.typed();
    if (chunk.includes(CTRL_C) && this.#handlers.interrupt()) {
      this.clear();
      return;
    }
    // A slow machine may hand over a line and the Ctrl-C that is meant for it at once.
    const parts = chunk.split(CTRL_C_ALONE).filter((keys) => keys !== '');
    this.#chunks.unshift(...parts.reverse());
    void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    for (;;) {
      if ((this.#lines.at(-1) ?? this.#chunks.at(-1)) !== CTRL_C) await this.#handlers.idle();
      if (this.#lines.length === 0) this.#splitChunk();
      const next = this.#lines.pop();
      if (next === undefined) break;
      if (next === CTRL_C && this.#handlers.interrupt()) {
        this.clear();
        continue;
      }
      this.push(next);
      // The REPL reads the line and begins to evaluate it.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#pumping = false;
    if (this.#ended) this.push(null);
  }

  #splitChunk(): void {
    const chunk = this.#chunks.pop() ?? '';
    for (const line of typedLines(chunk, this.#handlers.typedCode).reverse()) this.#lines.push(line);
  }
}
