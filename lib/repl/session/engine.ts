import type { REPLEval } from 'node:repl';

/** What runs the lines of a session. */
export interface Engine {
  /** How `node:repl` is to run a line; `null`: as it does by itself. */
  readonly run: REPLEval | null;
  /** What the last line was refused for, before it ran; asked once. */
  complaint(): string | null;
  /** The type of an expression, in a line; `null` when there is nothing to say. */
  typeOf(expression: string): string | null;
}

/** Whether it is completion that asks for a value: a line that was typed ends. */
export function isProbe(code: string): boolean {
  return !code.endsWith('\n');
}

/** JavaScript, as `node` runs it. */
export const javascript: Engine = {
  run: null,
  complaint: () => null,
  typeOf: () => null,
};
