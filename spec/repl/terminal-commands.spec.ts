import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Listening, Sandbox } from '../../lib/sandbox';
import { KEY } from '../../tools/support/terminal';
import { runProgram } from '../support/program';
import { home, open, terminal, TIMEOUT } from './sessions';

/** A configuration folder of its own. */
const config = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
afterAll(() => rmSync(config, { recursive: true }));
const env = { XDG_CONFIG_HOME: config };

describe('.wire', () => {
  it(
    'prints each request in a line, those of retries and waits, too, until it is switched off',
    async () => {
      await open(['--js', '--speed', '60']);
      expect(await terminal.line('.wire')).toBe('Requests are not printed.');
      expect(await terminal.line('.wire on')).toBe('Each request is printed.');
      await terminal.line('.faults status 1');
      expect(await terminal.line('const image = await api.fetchAllPrivateImages().first()')).toMatch(
        /^GET \/v2\/images\?private=true&page=1&per_page=200 {2}500 {2}\d+ ms\nGET .* {2}200 {2}\d+ ms {2}retry 1$/,
      );
      expect(await terminal.line("await image.transfer('sgp1', { wait: true })")).toMatch(
        /^POST \/v2\/images\/63663001\/actions {2}201 {2}\d+ ms\n[^]*GET \/v2\/[^\n]* {2}200 {2}\d+ ms\n[^]*✔ transfer to sgp1/,
      );
      await terminal.line('.wire off');
      expect(await terminal.line('await api.fetchImage(63663001), 1')).toBe('1');
      expect(await terminal.line('.wire maybe')).toMatch(/^TypeError: Usage: \.wire on, \.wire off/);
    },
    TIMEOUT,
  );

  it(
    'calls the hooks of a manager, too, and writes to stderr in a script',
    async () => {
      const lines = [
        '.wire on',
        'const own = new DOApi({ onResponse: ({ status }) => console.log("own", status) })',
        'await own.request("/v2/account"), 1',
      ];
      const args = ['--sandbox', '--js'];
      const { output, errors, code } = await runProgram('lib/cli.ts', { args, input: lines.join('\n') });
      expect({ output, code }).toEqual({ output: 'Each request is printed.\nown 200\n1\n', code: 0 });
      expect(errors).toMatch(/^GET \/v2\/account {2}200 {2}\d+ ms\n$/);
    },
    TIMEOUT,
  );
});

describe('.watch', () => {
  it(
    'shows the actions in progress as they change, also new ones, until Ctrl-C, and leaves nothing behind',
    async () => {
      await open(['--js', '--speed', '8']);
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      await terminal.line("await image.transfer('sgp1'), 1");
      await terminal.line("setTimeout(() => image.transfer('lon1'), 1_000), 1");
      terminal.keys(`.watch${KEY.enter}`);
      await terminal.until(
        /^type +of +region +age +progress +action\ntransfer +web-00-snapshot +sgp1 +\d+ s +█/m,
      );
      await terminal.until(/^transfer +web-00-snapshot +sgp1 .*\ntransfer +web-00-snapshot +lon1 /m);
      await terminal.until(/^✔ transfer of web-00-snapshot \(sgp1\) {2}completed after 1 min/m);
      await terminal.until(/^✔ transfer of web-00-snapshot \(lon1\) [^]*^No action is in progress\. Ctrl-C/m);
      expect(terminal.text.match(/^type +of /gm) ?? []).toEqual([]);
      terminal.keys(KEY.ctrlC);
      await terminal.until(/Ended by Ctrl-C[^]*sandbox> ?$/);
      expect(terminal.text).not.toMatch(/No action is in progress|░/);
      expect(terminal.lines.filter((line) => line.length > 80)).toEqual([]);
      expect(await terminal.line('1 + 1')).toBe('2');
    },
    TIMEOUT,
  );

  it(
    'sends one request for all of them, no more often than a wait polls',
    async () => {
      await open(['--js', '--speed', '20']);
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      await terminal.line("for (const each of ['sgp1', 'fra1', 'ams3', 'sfo2']) await image.transfer(each)");
      await terminal.line('const [sent, from] = [sandbox.requests.length, sandbox.clock.now()]');
      await terminal.line('const rounds = () => 1 + (sandbox.clock.now() - from) / api.waitInterval');
      terminal.keys(`.watch${KEY.enter}`);
      await terminal.until(/(transfer .* [3-5]\d s [^]*){4}/);
      terminal.keys(KEY.ctrlC);
      await terminal.until(/Ended by Ctrl-C[^]*sandbox> ?$/);
      expect(await terminal.line('sandbox.requests.length - sent <= rounds()')).toBe('true');
    },
    TIMEOUT,
  );

  it(
    'prints a table once without a terminal',
    async () => {
      const lines = [
        'await (await api.fetchAllPrivateImages().first()).transfer("sgp1"), 1',
        '.watch',
        'await sandbox.advance(600_000)',
        '.watch',
      ];
      const args = ['--sandbox', '--js'];
      const { output, code } = await runProgram('lib/cli.ts', { args, input: lines.join('\n') });
      expect(output).toMatch(
        /^1\n +id +type +status +region[^\n]*\n\d+ +transfer +in-progress +sgp1[^\n]*\n1 item\n'No action is in progress\.'\n$/,
      );
      expect(code).toBe(0);
    },
    TIMEOUT,
  );
});

describe('.context', () => {
  const sandbox = new Sandbox({ account: { email: 'sammy@example.com' } });
  let listening: Listening;
  beforeAll(async () => {
    listening = await sandbox.listen();
    mkdirSync(join(config, 'doctl'), { recursive: true });
    writeFileSync(
      join(config, 'doctl', 'config.yaml'),
      `access-token: dop_v1_wrong\nauth-contexts:\n  at work: ${listening.token}\n  gone: dop_v1_gone\ncontext: gone\n`,
    );
  });
  afterAll(() => listening.close());

  it(
    'lists the contexts of doctl and uses the token of one, which is never shown',
    async () => {
      const real = { DIGITALOCEAN_TOKEN: 'dop_v1_other', DIGITALOCEAN_API_URL: listening.url };
      await open(['--js'], { env: { ...env, ...real } });
      expect(await terminal.line('.context')).toBe(
        '  default\n  at work\n  gone  (used by doctl)\nThis session uses the token of DIGITALOCEAN_TOKEN.',
      );
      expect(await terminal.line('await api.fetchImage(63663001)')).toMatch(/^AuthenticationError/);
      expect(await terminal.line('.context at work')).toMatch(
        /as sammy@example\.com,\s+with the token of\s+doctl's\s+context\s+at work\.$/,
      );
      expect(await terminal.line('await api.fetchImage(63663001)')).toMatch(/^Image \{/);
      expect(await terminal.line('await new DOApi().fetchImage(63663001)')).toMatch(/^Image \{/);
      expect(await terminal.line('.image 63663001')).toMatch(/^Image \{/);
      expect(await terminal.line('.context')).toMatch(/^\* at work {2}\(used by this session\)$/m);
      expect(await terminal.line('.context nope')).toMatch(/^TypeError: doctl has no token for nope in/);
      await terminal.line(`globalThis.kept = "${listening.token}"`);
      expect(await terminal.line('kept')).toBe("'[token]'");
      terminal.keys(`await api.image(63663001).delete()${KEY.enter}`);
      await terminal.until(/Delete .* for good\? \[y\/N\/a\]/);
      terminal.keys(`n${KEY.enter}`);
      await terminal.until(/Nothing was sent\./);
      terminal.keys(KEY.ctrlD);
      await terminal.ended();
      const shown = terminal.raw.replaceAll(`"${listening.token}"`, '');
      expect(shown).not.toMatch(/dop_v1_(?:wrong|gone|other)/);
      expect(readFileSync(join(home, 'doapi-ts', 'history'), 'utf8')).not.toContain(listening.token);
    },
    TIMEOUT,
  );

  it(
    'completes their names, and on and off of other commands',
    async () => {
      await open(['--js', '--sandbox'], { env });
      for (const [typed, whole] of [
        ['.context at', '.context at work'],
        ['.readonly of', '.readonly off'],
        ['.wire of', '.wire off'],
      ] as const) {
        terminal.keys(`${typed}\t`);
        await terminal.until(new RegExp(`^sandbox> ${whole}$`, 'm'));
        terminal.keys(KEY.ctrlC);
        await terminal.until(/^sandbox> ?$/m);
      }
    },
    TIMEOUT,
  );

  it(
    'does not lead from a sandbox to an account',
    async () => {
      await open(['--js', '--sandbox'], { env });
      expect(await terminal.line('.context')).toMatch(/^ {2}default\n[^]*This session uses a sandbox\.$/);
      expect(await terminal.line('.context at work')).toMatch(
        /^TypeError: This session uses a sandbox; doapi-ts --context at work starts one/,
      );
    },
    TIMEOUT,
  );

  it(
    'is the one that DIGITALOCEAN_CONTEXT names, at the start',
    async () => {
      const chosen = { DIGITALOCEAN_CONTEXT: 'at work', DIGITALOCEAN_API_URL: listening.url };
      await open(['--js'], { env: { ...env, ...chosen } });
      await terminal.until(/as sammy@example\.com,\s+with the token of\s+doctl's\s+context\s+at work\./);
      expect(await terminal.line('.context')).toMatch(
        /\* at work {2}\(used by this session, used by doctl\)/,
      );
    },
    TIMEOUT,
  );
});
