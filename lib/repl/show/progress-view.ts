import { Spinner } from 'picospinner';
import type { Screen } from './style';
import type { Evaluation } from '../session/evaluation';

/** A line of the board. */
export interface ProgressLine {
  /** What it says now, in so many columns. */
  text: (columns: number) => string;
  /** Whether it stays on the screen when the board goes. */
  over: boolean;
}

/** How often it is drawn anew, in milliseconds. */
const BEAT = 100;
/** The spinner beats by itself too; never, that is, in a wait of ours. */
const NEVER = 2 ** 31 - 1;

/**
 * Lines at the bottom of the screen that change while a line is being run. They make way for whatever else is
 * written meanwhile, and are gone when the prompt comes back; those that are over stay.
 */
export class ProgressView {
  readonly #lines = new Set<ProgressLine>();
  readonly #write: (text: string) => boolean;
  #spinner: Spinner | null = null;
  #beat: NodeJS.Timeout | null = null;
  /** Whether it is the board that writes. */
  #own = false;

  constructor(
    private readonly screen: Screen,
    private readonly turn: Evaluation,
    stream: NodeJS.WriteStream,
  ) {
    this.#write = stream.write.bind(stream);
    const write = this.#write as (...args: unknown[]) => boolean;
    stream.write = (...args: unknown[]) =>
      this.#own ? write(...args) : this.#giveWay(() => write(...args), args[0]);
    turn.watch((busy) => (busy ? this.#show() : this.#hide()));
  }

  add(line: ProgressLine): void {
    this.#lines.add(line);
    this.#show();
  }

  /** Takes a line away, unless it is over and to stay. */
  remove(line: ProgressLine): void {
    if (!line.over) this.#lines.delete(line);
    if ([...this.#lines].every(({ over }) => over)) this.#hide();
  }

  #show(): void {
    if (this.#spinner || !this.turn.busy || this.#lines.size === 0) return;
    this.#beat = setInterval(() => this.#draw(), BEAT);
    this.#start();
  }

  /** Afterwards what is over stands where it stood, and is nobody's any more. */
  #hide(): void {
    if (this.#beat) clearInterval(this.#beat);
    this.#beat = null;
    this.#stop();
    for (const line of this.#lines) {
      if (!line.over) continue;
      this.#write(`${line.text(this.screen.columns - 1)}\n`);
      this.#lines.delete(line);
    }
  }

  #start(): void {
    this.#mine(() => {
      this.#spinner = new Spinner(this.#text(), { colors: false, frames: [''] });
      this.#spinner.start(NEVER);
    });
  }

  #stop(): void {
    const spinner = this.#spinner;
    this.#spinner = null;
    if (spinner) this.#mine(() => spinner.stop());
  }

  #draw(): void {
    this.#mine(() => this.#spinner?.setText(this.#text()));
  }

  #giveWay(write: () => boolean, chunk: unknown): boolean {
    if (!this.#spinner) return write();
    this.#stop();
    const written = write();
    // The board begins on a line of its own.
    if (typeof chunk === 'string' && !chunk.endsWith('\n')) this.#write('\n');
    this.#start();
    return written;
  }

  #mine(write: () => void): void {
    this.#own = true;
    try {
      write();
    } finally {
      this.#own = false;
    }
  }

  #text(): string {
    const { columns, rows, paint } = this.screen;
    const most = Math.max(1, rows - 3);
    const lines = [...this.#lines];
    const shown = lines.slice(0, lines.length > most ? most - 1 : most).map((line) => line.text(columns - 1));
    if (lines.length > most) shown.push(paint('dim', `… and ${lines.length - shown.length} more`));
    return shown.join('\n');
  }
}
