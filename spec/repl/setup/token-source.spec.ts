import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readCliOptions } from '../../../lib/repl/setup/cli-options';
import { historyFile } from '../../../lib/repl/session/line-history';
import { findToken, holdsSecret } from '../../../lib/repl/setup/token-source';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const environment = (env: NodeJS.ProcessEnv): void => {
  jest.replaceProperty(process, 'env', { XDG_CONFIG_HOME: folder, ...env });
};

/** As doctl writes it. */
const CONFIG = `access-token: dop_v1_default
api-url: ""
auth-contexts:
  home: dop_v1_home
  "at work": 'dop_v1_work'
compute:
  home: not a token
context: default
output: text
`;

function doctl(config = CONFIG): void {
  const file = join(folder, 'doctl', 'config.yaml');
  mkdirSync(dirname(file));
  writeFileSync(file, config);
}

const find = (...argv: string[]): unknown => findToken(readCliOptions(argv));

describe('the token of a session', () => {
  it.each([
    [
      'DIGITALOCEAN_TOKEN',
      { DIGITALOCEAN_TOKEN: ' dop_v1_1\n', DIGITALOCEAN_ACCESS_TOKEN: 'dop_v1_2' },
      'dop_v1_1',
    ],
    [
      'DIGITALOCEAN_ACCESS_TOKEN',
      { DIGITALOCEAN_TOKEN: ' ', DIGITALOCEAN_ACCESS_TOKEN: 'dop_v1_2' },
      'dop_v1_2',
    ],
  ])('is that of %s', (from, env, token) => {
    environment(env);
    expect(find()).toEqual({ token, from });
  });

  it('is read from a regular file of at most 64 KiB', () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'x'.repeat(65_536));
    expect(find('--token-file', file)).toEqual({ token: 'x'.repeat(65_536), from: file });
    writeFileSync(file, 'x'.repeat(65_537));
    expect(() => find('--token-file', file)).toThrow('has more than 64 KiB');
    expect(() => find('--token-file', folder)).toThrow('is not a regular file');
    expect(() => find('--token-file', '/dev/null')).toThrow('is not a regular file');
  });

  it('is that of --token-file, before all others', () => {
    environment({ DIGITALOCEAN_TOKEN: 'dop_v1_1' });
    const file = join(folder, 'token');
    writeFileSync(file, 'dop_v1_file\n');
    expect(find('--token-file', file)).toEqual({ token: 'dop_v1_file', from: file });
    writeFileSync(file, '\n');
    expect(() => find('--token-file', file)).toThrow(`--token-file: ${file} is empty.`);
  });

  it('is that of doctl, when there is no other', () => {
    environment({});
    expect(find()).toBeNull();
    doctl();
    expect(find()).toMatchObject({ token: 'dop_v1_default', from: "doctl's context default" });
  });

  it('is that of the context that doctl uses', () => {
    environment({});
    doctl(CONFIG.replace('context: default', 'context: home').replace('""', 'https://api.example.com'));
    expect(find()).toMatchObject({ token: 'dop_v1_home', endpoint: 'https://api.example.com' });
  });

  it('is that of --context, before the environment', () => {
    environment({ DIGITALOCEAN_TOKEN: 'dop_v1_1' });
    doctl();
    expect(find('--context', 'at work')).toMatchObject({ token: 'dop_v1_work' });
    expect(() => find('--context', 'compute')).toThrow(
      /doctl has no token for compute in .*; its contexts are default, home, at work\./,
    );
  });

  it('is not looked up with --sandbox', () => {
    environment({ DIGITALOCEAN_TOKEN: 'dop_v1_1' });
    expect(find('--sandbox')).toBeNull();
  });

  it.each([[['dop_v1_5ec2e7']], [['--token=doo_v1_5ec2e7']], [['-e', 'new DOApi("dop_v1_5ec2e7")']]])(
    'is refused on the command line: %j',
    (argv) => {
      expect(() => readCliOptions(argv)).toThrow(/^A token does not belong on a command line: [^2]*$/);
    },
  );

  it.each([
    ["new DOApi('s3cret')", true],
    ["new DOApi('dop_v1_abc')", true],
    [`new DOApi('${'0a'.repeat(32)}')`, true],
    [`new DOApi("${'0A'.repeat(32)}")`, true],
    ["const url = 'https://s3.example/a.gz?X-Amz-Signature=5ec2e7'", true],
    ['url: "http://spaces.example/a.gz?AWSAccessKeyId=A&Signature=5ec2e7"', true],
    ['HTTPS://blob.example/a.vhdx?sv=1&sig=5ec2e7', true],
    ['"https://user:5ec2e7@host.example/a.gz"', true],
    ['"https:\\/\\/host.example\\/a.gz?signature=5ec2e7"', true],
    ['"https%3A%2F%2Fhost.example%2Fa.gz%3FX-Amz-Signature%3D5ec2e7"', true],
    ['new DOApi(token)', false],
    ["url: 'https://host.example/a.gz'", false],
    ["await api.request('/v2/images?page=2')", false],
    [`'${'0a'.repeat(20)}'`, false],
    [`'${'0a'.repeat(64)}'`, false],
    ['const ok = true ? "https://host.example/a" : b', false],
  ])('and other secrets keep a line out of the history and of .save: %s', (line, isSecret) => {
    expect(holdsSecret(line, ['s3cret'])).toBe(isSecret);
  });
});

describe('the history', () => {
  it.each([
    ['linux', {}, ['.local', 'state']],
    ['darwin', {}, ['Library', 'Application Support']],
    ['win32', {}, ['AppData', 'Local']],
  ] as const)('is in the state folder of %s', (platform, env, path) => {
    expect(historyFile({ platform, env })).toBe(join(homedir(), ...path, 'doapi-ts', 'history'));
  });

  it('is in XDG_STATE_HOME', () => {
    expect(historyFile({ platform: 'linux', env: { XDG_STATE_HOME: '/state' } })).toBe(
      '/state/doapi-ts/history',
    );
  });
});

describe('the options of the command', () => {
  it.each([['0'], ['fast'], ['2000000']])('refuse a speed of %s', (speed) => {
    expect(() => readCliOptions(['--speed', speed])).toThrow('--speed: expected a number above 0');
  });

  it('join the code of all --eval', () => {
    expect(readCliOptions(['-e', '1', '--eval', '2']).code).toBe('1\n2');
  });
});
