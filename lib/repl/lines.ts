import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import type { REPLServer } from 'node:repl';

/**
 * Lines from a pipe, one for each prompt. A REPL reads on while an `await` is pending, so that without this the next
 * line would run before the last one has ended.
 */
export class LineFeed {
  /** What the REPL reads. */
  readonly input = new PassThrough();
  readonly #waiting: string[] = [];
  #ended = false;
  #prompted = false;

  constructor(source: NodeJS.ReadableStream) {
    const reader = createInterface({ input: source });
    reader.on('line', (line) => {
      this.#waiting.push(line);
      this.#feed();
    });
    reader.once('close', () => {
      this.#ended = true;
      this.#feed();
    });
  }

  /** Gives `server` a line whenever it would show its prompt, which nobody is there to see. */
  serve(server: REPLServer): void {
    server.displayPrompt = () => {
      this.#prompted = true;
      this.#feed();
    };
    server.displayPrompt();
  }

  #feed(): void {
    if (!this.#prompted) return;
    const line = this.#waiting.shift();
    if (line !== undefined) {
      this.#prompted = false;
      this.input.write(`${line}\n`);
    } else if (this.#ended) {
      this.input.end();
    }
  }
}
