import type { Engine } from '../code/engine';
import type { NameOf } from '../questions/question-words';
import type { Evaluation } from '../session/evaluation';
import type { Input } from '../session/input';
import type { Scope } from '../session/scope';
import type { Session } from '../session/session';
import type { FoundToken } from '../setup/token-source';
import type { ProgressView } from '../show/progress-view';
import type { ReadOnlyMode } from '../show/read-only-mode';
import type { RequestLines } from '../show/request-lines';
import type { Screen } from '../show/style';
import type { WaitLines } from '../show/wait-lines';

/** A command that begins with a dot. */
export interface Command {
  name: string;
  /** Its arguments, for the help. */
  usage?: string;
  help: string;
  /** Whether it ends by itself on Ctrl-C, and has a result then, too. */
  endsItself?: boolean;
  /** Its result is shown like that of a line. */
  run: (argument: string) => unknown;
}

/** What the commands need of a session. */
export interface CommandContext {
  session: Session;
  scope: Scope;
  engine: Engine;
  input: Input;
  screen: Screen;
  print: (text: string) => void;
  /** Whether a line must not be written to a file. */
  isSecret: (line: string) => boolean;
  evaluation: Evaluation;
  view: ProgressView | null;
  mode: ReadOnlyMode;
  requests: RequestLines;
  waits: WaitLines;
  /** The name of an image or Droplet, as far as the session knows it. */
  nameOf: NameOf;
  /** The token that the session uses; `null` for a sandbox. */
  account: { found: FoundToken | null };
  /** Called with a token that is never to be shown, before it is used. */
  onToken: (token: string) => void;
}
