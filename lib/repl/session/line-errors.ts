import { create, type Domain } from 'node:domain';
import { type REPLServer, Recoverable } from 'node:repl';
import { CompileError } from '../show/explain-error';

/** What the compiler says; a comment without an end continues in the next line. */
export function compileErrorOf(message: string): Error {
  const error = new CompileError(message);
  return message.endsWith('(TS1010)') ? new Recoverable(new SyntaxError(message)) : error;
}

/**
 * The domain to which Node sends the errors of lines; they do not reach the callback of `eval`. Up to Node 24 a REPL has
 * its own; later it uses the one in which a line runs.
 */
export function domainOf(server: REPLServer): Domain {
  const { _domain: own } = server as unknown as { _domain?: Domain };
  return own?.removeAllListeners('error') ?? create();
}

/** The code of an error of Node; a getter or the trap of a Proxy may throw in its place. */
export function codeOf(error: unknown): unknown {
  try {
    return (error as NodeJS.ErrnoException | null)?.code;
  } catch {
    return undefined;
  }
}
