import type { REPLServer } from 'node:repl';
import type { AsyncCompleter, CompleterResult } from 'node:readline';
import type { CompletionIndex } from './completion-index';

/** A string that is being typed: its quote, and what stands in it so far. */
const STRING = /(['"`])([^'"`]*)$/;
/** A command that takes the name of something. */
const COMMAND = /^\.(?:images?|wait)\s+(.*)$/;

/** Node's own, whichever of the two kinds it is. */
type Own = (this: REPLServer, line: string, callback: Parameters<AsyncCompleter>[1]) => unknown;

/**
 * Completes slugs, regions and names that were seen, inside of strings and after commands; everything else as Node
 * does it.
 */
export function complete(server: REPLServer, seen: CompletionIndex): void {
  const own: Own = server.completer;
  const completer: AsyncCompleter = (line, callback) => {
    const known = knownIn(line, seen);
    if (known) callback(null, known);
    else own.call(server, line, callback);
  };
  Object.defineProperty(server, 'completer', { value: completer, configurable: true, writable: true });
}

function knownIn(line: string, seen: CompletionIndex): CompleterResult | null {
  const [, word] = COMMAND.exec(line) ?? [];
  if (word !== undefined) return [seen.startingWith(word), word];
  const [, quote = '', begun] = STRING.exec(line) ?? [];
  // An even number of quotes before the cursor: the string is closed.
  if (begun === undefined || line.split(quote).length % 2 === 1) return null;
  return [seen.startingWith(begun).map((known) => known + quote), begun];
}
