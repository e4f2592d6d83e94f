import type { REPLEval } from 'node:repl';
import { repeatableLine } from './import-lines';

/** Evaluates the lines of a session. */
export interface Engine {
  /** The `eval` of `node:repl`; `null` for Node's own. */
  readonly run: REPLEval | null;
  /** The code to run in place of what was written; `null` when it is not complete. */
  prepare(code: string): string | null;
  /** Why the last line did not compile, so that it did not run. Reading it clears it. */
  takeCompileError(): string | null;
  /** The type of an expression, on one line; `null` when it is unknown. */
  typeOf(expression: string): string | null;
  /** The signature and the comment of what an expression names; `null` when they are unknown. */
  docOf(expression: string): { signature: string; comment: string } | null;
}

/** Whether completion evaluates the code: a typed line ends with a line break. */
export function isCompletion(code: string): boolean {
  return !code.endsWith('\n');
}

/** Whether code calls nothing and assigns nothing. Before Node 24, completion of `image.delete().` would delete the image. */
export function changesNothing(code: string): boolean {
  return !/[(`=]|\+\+|--/.test(code);
}

/** JavaScript, as `node` runs it. */
export const javascript: Engine = {
  run: null,
  prepare: repeatableLine,
  takeCompileError: () => null,
  typeOf: () => null,
  docOf: () => null,
};

/** ts-node does not support the installed TypeScript. */
export class UnsupportedTypeScript extends Error {}
