import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Listening, Sandbox } from '../../lib/sandbox';
import { KEY } from '../../tools/support/terminal';
import { home, open, terminal, TIMEOUT } from './sessions';

/** Each would show another question, or none. */
const NAMES = [
  'kept\rDelete harmless',
  'kept\u001b[2K\u001b[1GDelete harmless',
  'kept\u001b[8m hidden',
  'kept\u202eelbisiver',
  'kept\u009b2KDelete harmless',
  'kept\u001b]0;title\u0007',
];
const QUOTED = 'web\'"`${globalThis.pwned = 1}\n\u202e\\';

describe('a session in an account with hostile names', () => {
  const sandbox = new Sandbox({
    images: [...NAMES, QUOTED].map((name, index) => ({ id: index + 1, name })),
    account: { email: 'sammy@example.com\u001b[2K\u202e' },
  });
  let listening: Listening;
  beforeAll(async () => {
    listening = await sandbox.listen();
  });
  afterAll(() => listening.close());

  const openReal = (): Promise<unknown> =>
    open(['--js'], { env: { DIGITALOCEAN_TOKEN: listening.token, DIGITALOCEAN_API_URL: listening.url } });

  it(
    'asks before a deletion with the name and the id, on a line that the name cannot change',
    async () => {
      await openReal();
      await terminal.line('const all = await api.fetchAllPrivateImages().toArray()');
      for (const id of NAMES.keys()) {
        terminal.keys(`await all[${id}].delete()${KEY.enter}`);
        await terminal.until(
          new RegExp(`^Delete "?kept.*"? \\(${id + 1}\\), in all regions and for good\\? \\[y/N/a\\]`, 'm'),
        );
        terminal.keys(`n${KEY.enter}`);
        await terminal.until(new RegExp(`(Nothing was sent\\.[^]*){${id + 1}}digitalocean> ?$`));
      }
      expect(terminal.raw).not.toMatch(/\u202e|\u009b|\u0085/);
      // eslint-disable-next-line no-control-regex -- what conceals a text, and what sets a title
      expect(terminal.raw).not.toMatch(/\u001b\[8m|\u001b\]/);
    },
    TIMEOUT,
  );

  it(
    'asks before it prunes on a line that the names cannot change',
    async () => {
      await openReal();
      expect(await terminal.line('.plan 1')).toMatch(/Deletes 5 of 7 images \([\d.]+ GB\), keeps 2\.$/);
      terminal.keys(`.prune${KEY.enter}`);
      await terminal.until(
        /^Delete 5 images \([\d.]+ GB\) in all regions: [^]* and 2 more\? This[^]*\[y\/N\/a\] ?$/m,
      );
      terminal.keys(`n${KEY.enter}`);
      await terminal.until(/Nothing was sent\.\ndigitalocean> ?$/);
      expect(terminal.raw).not.toMatch(/\u202e|\u009b|\u0085/);
      // eslint-disable-next-line no-control-regex -- what conceals a text, and what sets a title
      expect(terminal.raw).not.toMatch(/\u001b\[8m|\u001b\]/);
    },
    TIMEOUT,
  );

  it(
    'shows them with console.log and as results without control of the terminal',
    async () => {
      await openReal();
      await terminal.line('const all = await api.fetchAllPrivateImages().toArray()');
      const shown = await terminal.line('for (const one of all) console.log(one.name)');
      expect(shown).toContain('kept\\u001b[2K\\u001b[1GDelete harmless');
      expect(shown).toContain('kept\\u202eelbisiver');
      expect(await terminal.line('all[3].name')).toBe("'kept\\u202eelbisiver'");
      expect(await terminal.line('console.log(all[1])')).toMatch(/name +kept \[2K \[1GDelete harmless/);
      expect(await terminal.line('throw new Error(all[4].name)')).toContain('Error: kept 2KDelete harmless');
      expect(terminal.raw).not.toMatch(/\u202e|\u009b/);
      // eslint-disable-next-line no-control-regex -- what conceals a text, and what sets a title
      expect(terminal.raw).not.toMatch(/\u001b\[8m|\u001b\]/);
    },
    TIMEOUT,
  );

  it(
    'completes them as literals: Tab runs no code and ends no string',
    async () => {
      await openReal();
      await terminal.line('const all = await api.fetchAllPrivateImages().toArray()');
      for (const quote of ["'", '"', '`']) {
        terminal.keys(`globalThis.same = all.at(-1).name === ${quote}we${KEY.tab}`);
        await terminal.until(new RegExp(`name === ${quote}web\\\\'[^]*${quote}$`));
        await terminal.line('');
        expect(await terminal.line('[same, globalThis.pwned]')).toBe('[ true, undefined ]');
      }
      terminal.keys(KEY.ctrlD);
      await terminal.ended();
      const history = readFileSync(join(home, 'doapi-ts', 'history'), 'utf8');
      expect(history).toContain('\\u202e');
      expect(history).not.toMatch(/\u202e/);
    },
    TIMEOUT,
  );

  it(
    'keeps no lines with secrets in the history',
    async () => {
      await openReal();
      await terminal.line(`globalThis.old = '${'0a'.repeat(32)}'`);
      await terminal.line("globalThis.url = 'https://s3.example/a.gz?X-Amz-Signature=5ec2e7'");
      await terminal.line(`globalThis.kept = 'a\u202eb'`);
      await terminal.line('.save lines.js');
      terminal.keys(KEY.ctrlD);
      await terminal.ended();
      for (const file of [join('doapi-ts', 'history'), 'lines.js']) {
        const text = readFileSync(join(home, file), 'utf8');
        expect(text).not.toMatch(/5ec2e7|0a0a0a/);
        expect(text).toContain("globalThis.kept = 'a\\u202eb'");
      }
    },
    TIMEOUT,
  );
});
