import { doctlContexts } from '../setup/doctl';
import { type FoundToken, findInDoctl } from '../setup/token-source';
import { fetchAccount } from '../show/banner';
import { wrap } from '../show/text-layout';
import { printable } from '../../util/text/sanitize';
import type { CommandContext } from './command';

/** Lists the contexts of doctl, or uses the token of one. Nothing in the configuration of doctl changes. */
export async function useContext(context: CommandContext, name: string): Promise<void> {
  const { scope, screen, print, account, onToken } = context;
  if (name === '') {
    print(`${listOf(account.found)}\n`);
    return;
  }
  const next = nextAccount(name, account.found);
  onToken(next.token);
  account.found = next;
  scope.use(next);
  const who = await fetchAccount(scope.api)();
  const target = `${scope.api.endpoint} as ${who}, with the token of ${next.from}.`;
  print(`${wrap(printable(target), screen.columns)}\n`);
}

/** @throws TypeError when there is no such context, or the session uses a sandbox */
function nextAccount(name: string, found: FoundToken | null): FoundToken {
  const next = findInDoctl(name);
  // What is tried on a sandbox must not change an account because of one command before.
  if (found === null || next === null)
    throw new TypeError(
      `This session uses a sandbox; doapi-ts --context ${name} starts one with that account.`,
    );
  return next;
}

function listOf(found: FoundToken | null): string {
  const { file, current, names } = doctlContexts();
  if (names.length === 0) return `doctl has no contexts in ${printable(file)}; doctl auth init adds one.`;
  const lines = names.map((name) => {
    const notes = [
      ...(name === found?.context ? ['used by this session'] : []),
      ...(name === current ? ['used by doctl'] : []),
    ];
    return `${name === found?.context ? '*' : ' '} ${printable(name)}${notes.length > 0 ? `  (${notes.join(', ')})` : ''}`;
  });
  if (found === null) lines.push('This session uses a sandbox.');
  else if (found.context === undefined)
    lines.push(`This session uses the token of ${printable(found.from)}.`);
  return lines.join('\n');
}
