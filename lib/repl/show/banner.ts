import type { DOApi } from '../..';
import type { CliOptions } from '../session/cli-options';
import type { Screen } from './style';
import type { Scope } from '../session/scope';
import { printable, wrap } from './text-layout';
import type { FoundToken } from '../session/token-source';

/** The prompt waits this long for the account, in milliseconds, once everything else is there. */
const PATIENCE = 1_500;

/**
 * Asks for the e-mail address of the account.
 * @returns a function that gives it, or says why it is not known; it never rejects
 */
export function askAccount(api: DOApi): () => Promise<string> {
  const leaving = new AbortController();
  const asked = api.request('/v2/account', { signal: leaving.signal }).then(
    (answer) => (answer as { account?: { email?: unknown } } | null)?.account?.email,
    (error: unknown) => (error as { status?: number }).status ?? 'no answer',
  );
  return async () => {
    const late = new Promise<string>((resolve) =>
      setTimeout(() => resolve('no answer yet'), PATIENCE).unref(),
    );
    const said = await Promise.race([asked, late]);
    leaving.abort();
    return typeof said === 'string' && said.includes('@')
      ? printable(said)
      : `an unknown account (${String(said)})`;
  };
}

/** Three lines: what is talked to, what is in scope, how to get help. */
export function banner(
  { api, sandbox, values }: Scope,
  found: FoundToken | null,
  wishes: CliOptions,
  account: string,
  { paint, columns }: Screen,
): string {
  const names = Object.keys(values);
  const others = names.filter((name) => !name.endsWith('Error'));
  const pace = wishes.speed === 60 ? 'a minute takes a second' : `time is ${wishes.speed} times as fast`;
  const why = wishes.sandbox ? 'as you asked' : 'since no token was found';
  const where = sandbox
    ? `${paint('green', 'Sandbox')}, ${why}: nothing is real, ${pace}.`
    : `${paint('yellow', api.endpoint.includes('api.digitalocean.com') ? 'DigitalOcean' : api.endpoint)} as ${account}, with the token of ${found?.from ?? ''}.`;
  return [
    wrap(where, columns),
    wrap(`In scope: ${others.join(', ')}, errors.`, columns),
    wrap('.help names the commands, Tab completes, .exit leaves.', columns),
  ].join('\n');
}
