import { Spinner } from 'picospinner';
import type { OutputGuard } from './output-guard';
import type { Screen } from './style';
import type { Evaluation } from '../session/evaluation';

/** A line of the progress view. */
export interface ProgressLine {
  /** The text at the moment, in at most `columns` columns. */
  text: (columns: number) => string;
  /** Whether the line is final: it stays on the screen when the view is removed. */
  isFinal: boolean;
}

/** How often the view is redrawn, in milliseconds. */
const REDRAW_INTERVAL = 100;
/** The interval of the spinner's own timer, which is not used. */
const NO_TICK = 2 ** 31 - 1;

/**
 * Lines at the bottom of the screen that change while a line is evaluated. Other output is written above them. They are
 * removed before the prompt returns, except for final ones.
 */
export class ProgressView {
  readonly #lines = new Set<ProgressLine>();
  readonly #write: (text: string) => boolean;
  #spinner: Spinner | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Whether the view itself is writing. */
  #drawing = false;

  constructor(
    private readonly screen: Screen,
    private readonly evaluation: Evaluation,
    stream: NodeJS.WriteStream,
    private readonly guard: OutputGuard,
  ) {
    this.#write = stream.write.bind(stream);
    const write = this.#write as (...args: unknown[]) => boolean;
    stream.write = (...args: unknown[]) =>
      this.#drawing ? write(...args) : this.#writeAbove(() => write(...args), args[0]);
    evaluation.watch((busy) => (busy ? this.#show() : this.#hide()));
  }

  add(line: ProgressLine): void {
    this.#lines.add(line);
    this.#show();
  }

  /** Removes a line, unless it is final. */
  remove(line: ProgressLine): void {
    if (!line.isFinal) this.#lines.delete(line);
    if ([...this.#lines].every(({ isFinal }) => isFinal)) this.#hide();
  }

  #show(): void {
    if (this.#spinner || !this.evaluation.busy || this.#lines.size === 0) return;
    this.#timer = setInterval(() => this.#draw(), REDRAW_INTERVAL);
    this.#start();
  }

  /** Removes the view and writes the final lines in its place. */
  #hide(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#stop();
    for (const line of this.#lines) {
      if (!line.isFinal) continue;
      this.#write(`${line.text(this.screen.columns - 1)}\n`);
      this.#lines.delete(line);
    }
  }

  #start(): void {
    this.#asView(() => {
      this.#spinner = new Spinner(this.#text(), { colors: false, frames: [''] });
      this.#spinner.start(NO_TICK);
    });
  }

  #stop(): void {
    const spinner = this.#spinner;
    this.#spinner = null;
    if (spinner) this.#asView(() => spinner.stop());
  }

  #draw(): void {
    this.#asView(() => this.#spinner?.setText(this.#text()));
  }

  #writeAbove(write: () => boolean, chunk: unknown): boolean {
    if (!this.#spinner) return write();
    this.#stop();
    const written = write();
    // The view begins on a line of its own.
    if (typeof chunk === 'string' && !chunk.endsWith('\n')) this.#write('\n');
    this.#start();
    return written;
  }

  #asView(write: () => void): void {
    this.#drawing = true;
    try {
      this.guard.control(write);
    } finally {
      this.#drawing = false;
    }
  }

  #text(): string {
    const { columns, rows, paint } = this.screen;
    const max = Math.max(1, rows - 3);
    const lines = [...this.#lines];
    const shown = lines.slice(0, lines.length > max ? max - 1 : max).map((line) => line.text(columns - 1));
    if (lines.length > max) shown.push(paint('dim', `… and ${lines.length - shown.length} more`));
    return shown.join('\n');
  }
}
