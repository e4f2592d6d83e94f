import type { Printer } from '../show/printer';
import type { Engine } from '../code/engine';
import type { Evaluation } from './evaluation';
import type { Input } from './input';

/** The parts of a session. */
export interface SessionOptions {
  input: Input;
  engine: Engine;
  evaluation: Evaluation;
  /** Where the prompt is written. */
  output: NodeJS.WriteStream;
  printer: Printer;
  /** Whether input and output are a terminal; otherwise this is a script, which ends with its first error. */
  interactive: boolean;
  json: boolean;
  /** The prompt at the moment. */
  prompt: () => string;
}
