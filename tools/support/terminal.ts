import { type IPty, spawn } from '@lydell/node-pty';
import { Terminal as Emulator } from '@xterm/headless';

/** How a program is started in a terminal. */
export interface TerminalOptions {
  columns?: number;
  rows?: number;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

/** What the terminal sends for special keys. */
export const KEY = { enter: '\r', tab: '\t', up: '\u001b[A', ctrlC: '\u0003', ctrlD: '\u0004' } as const;

/** How long a program may take to show what is expected, in milliseconds: long enough for a busy machine. */
const TIMEOUT = 60_000;

/** How often a condition is checked while the program shows nothing, in milliseconds: it may depend on something else. */
const CHECK_AFTER = 50;

/** A program in a terminal: types into it and reads its screen. */
export class Terminal {
  readonly #pty: IPty;
  readonly #emulator: Emulator;
  /** All output, escape sequences included. */
  raw = '';
  /** The exit code; `null` while the program runs. */
  code: number | null = null;
  /** What waits for a change. Several waits may run at the same time, and each learns of it. */
  readonly #waiting = new Set<() => void>();

  constructor(
    program: string,
    args: readonly string[],
    { columns = 80, rows = 24, env = {}, cwd }: TerminalOptions,
  ) {
    this.#emulator = new Emulator({ cols: columns, rows, scrollback: 1_000, allowProposedApi: true });
    this.#pty = spawn(program, [...args], {
      cols: columns,
      rows,
      name: 'xterm-256color',
      env: { ...env, TERM: 'xterm-256color' },
      ...(cwd !== undefined && { cwd }),
    });
    this.#pty.onData((text) => {
      this.raw += text;
      this.#emulator.write(text, () => this.#changed());
    });
    this.#pty.onExit(({ exitCode }) => {
      this.code = exitCode;
      this.#changed();
    });
  }

  get buffer(): Emulator['buffer']['active'] {
    return this.#emulator.buffer.active;
  }

  /** The lines of the screen and of the scrollback. */
  get lines(): string[] {
    const { buffer } = this;
    const lines = Array.from(
      { length: buffer.length },
      (_, row) => buffer.getLine(row)?.translateToString(true) ?? '',
    );
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** Types, and does not wait. */
  keys(text: string): void {
    this.#pty.write(text);
  }

  /** Types a line and waits for the next prompt. Returns the lines in between. */
  async line(text: string, prompt = /> $/): Promise<string> {
    const before = this.lines.length;
    this.keys(text + KEY.enter);
    await this.until(
      () => this.lines.length > before && prompt.test(`${this.lines.at(-1)?.trimEnd() ?? ''} `),
    );
    return this.lines.slice(before, -1).join('\n');
  }

  /** Waits for text on the screen, or for a condition. */
  async until(wanted: RegExp | (() => boolean)): Promise<string> {
    const met = typeof wanted === 'function' ? wanted : (): boolean => wanted.test(this.text);
    const deadline = Date.now() + TIMEOUT;
    while (!met()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`The terminal never showed ${String(wanted)}, but:\n${this.text}`);
      await this.#change(Math.min(left, CHECK_AFTER));
    }
    return this.text;
  }

  /** Waits until something changes, and no longer than that many milliseconds. */
  #change(atMost: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, atMost);
      this.#waiting.add(wake);
    });
  }

  #changed(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Waits for the program to exit and returns its exit code. */
  async ended(): Promise<number> {
    await this.until(() => this.code !== null);
    return this.code ?? -1;
  }

  close(): void {
    if (this.code === null) this.#pty.kill('SIGKILL');
    this.#emulator.dispose();
  }
}
