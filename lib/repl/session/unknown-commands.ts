import type { REPLServer } from 'node:repl';
import { CompileError, isInstance } from '../show/explain-error';
import { nearestName } from '../../util/options/suggest';

/** What decides whether a line is a command. */
interface CommandLines {
  /** Whether a line belongs to the statement before it. */
  isOpen: () => boolean;
  reject: (error: Error) => void;
}

/** Node says that a command is invalid and continues; a script must not, and a person wants to know which one there is. */
export function rejectUnknownCommands(server: REPLServer, { isOpen, reject }: CommandLines): void {
  const listeners = server.listeners('line') as ((line: string) => void)[];
  server.removeAllListeners('line');
  server.on('line', (line) => {
    const [, name] = /^\s*\.(?![.\d])(\S*)/.exec(line) ?? [];
    if (name !== undefined && !isOpen() && !Object.hasOwn(server.commands, name))
      reject(unknownCommand(server, name));
    else for (const listener of listeners) listener.call(server, line);
  });
}

function unknownCommand({ commands }: REPLServer, name: string): TypeError {
  const nearest = nearestName(name, Object.keys(commands));
  const hint = nearest === null ? '' : `; did you mean .${nearest}?`;
  return new TypeError(`There is no command .${name}${hint || ';'} .help lists the commands.`);
}

/** Says so when a line that fails is the name of a command. */
export function withCommandHint({ commands }: REPLServer, code: string, error: unknown): unknown {
  const word = code.trim().replace(/;$/, '');
  const isUnknown = isInstance(error, CompileError) || isInstance(error, ReferenceError);
  if (!isUnknown || !Object.hasOwn(commands, word)) return error;
  return new TypeError(`There is no ${word} in scope; the command is .${word}`);
}
