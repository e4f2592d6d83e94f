import type { REPLServer } from 'node:repl';
import type { AsyncCompleter, CompleterResult } from 'node:readline';
import type { CompletionIndex } from './completion-index';

/** A string that is being typed: its quote and its text so far. */
const OPEN_STRING = /(['"`])([^'"`]*)$/;
/** A command that takes the name of something. */
const COMMAND = /^\.(?:images?|wait)\s+(.*)$/;

/** Node's completer, which may be synchronous or not. */
type NodeCompleter = (this: REPLServer, line: string, callback: Parameters<AsyncCompleter>[1]) => unknown;

/** Completes words of the index inside strings and after commands; Node completes everything else. */
export function addCompletion(server: REPLServer, index: CompletionIndex): void {
  const nodeCompleter: NodeCompleter = server.completer;
  const completer: AsyncCompleter = (line, callback) => {
    const completed = completeWord(line, index);
    if (completed) callback(null, completed);
    else nodeCompleter.call(server, line, callback);
  };
  Object.defineProperty(server, 'completer', { value: completer, configurable: true, writable: true });
}

function completeWord(line: string, index: CompletionIndex): CompleterResult | null {
  const [, word] = COMMAND.exec(line) ?? [];
  if (word !== undefined) return [index.startingWith(word), word];
  const [, quote = '', prefix] = OPEN_STRING.exec(line) ?? [];
  // With an even number of quotes before the cursor, no string is open.
  if (prefix === undefined || line.split(quote).length % 2 === 1) return null;
  return [index.startingWith(prefix).map((match) => match + quote), prefix];
}
