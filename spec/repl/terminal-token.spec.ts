import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Listening, Sandbox } from '../../lib/sandbox';
import { KEY } from '../../tools/support/terminal';
import { open, PROGRAM, start, terminal, TIMEOUT } from './sessions';

describe('a session with a token', () => {
  const sandbox = new Sandbox({ account: { email: 'sammy@example.com' } });
  let listening: Listening;

  beforeAll(async () => {
    listening = await sandbox.listen({ speed: 60 });
  });
  afterAll(() => listening.close());

  const real = (): Record<string, string> => ({
    DIGITALOCEAN_TOKEN: listening.token,
    DIGITALOCEAN_API_URL: listening.url,
  });
  const openReal = (...args: string[]): Promise<unknown> => open(['--js', ...args], { env: real() });
  const sent = (method: string): number =>
    sandbox.requests.filter((request) => request.method === method).length;

  it(
    'says whose account it uses, and never shows the token',
    async () => {
      await openReal();
      await terminal.until(/as sammy@example\.com,\s+with the token of\s+DIGITALOCEAN_TOKEN\./);
      await terminal.line('process.env.DIGITALOCEAN_TOKEN');
      expect(terminal.raw).not.toContain(listening.token);
    },
    TIMEOUT,
  );

  it(
    'asks before a request that changes something',
    async () => {
      await openReal();
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      terminal.keys(`await image.delete()${KEY.enter}`);
      await terminal.until(/Delete web-00-snapshot \(\d+\), in all regions and for good\? \[y\/N\/a\]/);
      // The whole answer is read; none of it is evaluated.
      terminal.keys(`no${KEY.enter}`);
      await terminal.until(/Nothing was sent\.\ndigitalocean>/);
      expect(sent('DELETE')).toBe(0);
      terminal.keys(`await image.replicate(['sgp1', 'lon1'])${KEY.enter}`);
      await terminal.until(/Copy web-00-snapshot \(\d+\) to sgp1, lon1\? \[y\/N\/a\]/);
      terminal.keys('ye');
      terminal.keys(`s${KEY.enter}`);
      await terminal.until(/2 items/);
      expect(terminal.text).not.toContain('ReferenceError');
      expect(terminal.text.match(/\[y\/N\/a\]/g)).toHaveLength(2);
      expect(sent('POST')).toBe(2);
    },
    TIMEOUT,
  );

  it(
    'asks when its results go through a pipe, too',
    async () => {
      const deleted = sent('DELETE');
      const command = [...PROGRAM, '--js'].map((word) => `'${word}'`).join(' ');
      start(['/bin/sh', '-c', `${command} | cat`], { env: real() });
      terminal.keys(`(await api.fetchAllPrivateImages().first()).delete()${KEY.enter}`);
      await terminal.until(/Delete .* for good\? \[y\/N\/a\]/);
      terminal.keys(`n${KEY.enter}`);
      await terminal.until(/Nothing was sent\./);
      expect(await terminal.ended()).toBe(0);
      expect(sent('DELETE')).toBe(deleted);
    },
    TIMEOUT,
  );

  it(
    'does not ask with --yes',
    async () => {
      await openReal('--yes');
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      await terminal.line('await image.delete()');
      expect(terminal.text).not.toContain('[y/N/a]');
      expect(sent('DELETE')).toBe(1);
    },
    TIMEOUT,
  );
});

describe('a session that cannot fetch its account', () => {
  it(
    'starts, and says so',
    async () => {
      const env = { DIGITALOCEAN_TOKEN: 'dop_v1_1', DIGITALOCEAN_API_URL: 'http://127.0.0.1:9' };
      await open(['--js'], { env });
      expect(terminal.text).toMatch(/as an unknown account \(no answer/);
    },
    TIMEOUT,
  );
});
