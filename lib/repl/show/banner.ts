import type { DOApi } from '../..';
import { excerpt } from '../../util/text/sanitize';
import type { CliOptions } from '../setup/cli-options';
import type { Screen } from './style';
import type { Scope } from '../session/scope';
import { wrap } from './text-layout';
import type { FoundToken } from '../setup/token-source';

/** How long the prompt waits for the account once everything else is ready, in milliseconds. */
const ACCOUNT_TIMEOUT = 1_500;

/**
 * Fetches the e-mail address of the account.
 * @returns a function that resolves to the address, or to the reason why it is unknown; it never rejects
 */
export function fetchAccount(api: DOApi): () => Promise<string> {
  const controller = new AbortController();
  const fetched = api.request('/v2/account', { signal: controller.signal }).then(
    (body) => emailOf(body) ?? 'an unknown account (no e-mail address)',
    (error: unknown) => `an unknown account (${(error as { status?: number }).status ?? 'no answer'})`,
  );
  return async () => {
    const late = new Promise<string>((resolve) =>
      setTimeout(() => resolve('an unknown account (no answer yet)'), ACCOUNT_TIMEOUT).unref(),
    );
    const result = await Promise.race([fetched, late]);
    controller.abort();
    return result;
  };
}

/** The address of the account in a body; `null` for what is no address. */
function emailOf(body: unknown): string | null {
  const email = (body as { account?: { email?: unknown } } | null)?.account?.email;
  const shown = typeof email === 'string' ? excerpt(email) : '';
  return /^[^\s@]+@[^\s@]+$/.test(shown) ? shown : null;
}

/** A host whose name only contains DigitalOcean's is another one. */
function isDigitalOcean(endpoint: string): boolean {
  return new URL(endpoint).origin === 'https://api.digitalocean.com';
}

/** Three lines: which API the session uses, what is in scope, how to get help. */
export function banner(
  { api, sandbox, values }: Scope,
  found: FoundToken | null,
  options: CliOptions,
  account: string,
  { paint, columns }: Screen,
): string {
  const names = Object.keys(values).filter((name) => !name.endsWith('Error'));
  const speed = options.speed === 60 ? 'a minute takes a second' : `time is ${options.speed} times as fast`;
  const reason = options.sandbox ? 'as you asked' : 'since no token was found';
  const target = sandbox
    ? `${paint('green', 'Sandbox')}, ${reason}: nothing is real, ${speed}.`
    : `${paint('yellow', isDigitalOcean(api.endpoint) ? 'DigitalOcean' : api.endpoint)} as ${account}, with the token of ${excerpt(found?.from ?? '')}.`;
  return [
    wrap(target, columns),
    wrap(`In scope: ${names.join(', ')} and the classes of errors; .types lists them.`, columns),
    wrap('.help names the commands, Tab completes, .exit leaves.', columns),
  ].join('\n');
}
