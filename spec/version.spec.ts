import { describe, expect, it } from '@jest/globals';
import { VERSION } from '../lib/version';
import { version } from '../package.json';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './support/program';
import { fakeServer } from './support/nock';
import { anApi } from './support/builders';
import { PLACES } from '../tools/set-version';

/** What is around the version, in the files that `npm version` changes beside its own. */
const AROUND: Readonly<Record<keyof typeof PLACES, (version: string) => string>> = {
  'lib/version.ts': (one) => `VERSION = '${one}';`,
  'README.md': (one) => `npm install ./doapi-ts-${one}.tgz`,
  'docs/guide.md': (one) => `/doapi-ts-${one}.tgz`,
  'docs/versions.md': (one) => `\`doapi-ts/${one} node/`,
};

/** Without the user's settings of git and npm: they may sign tags and give them another prefix. */
function neutralEnvironment(folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(git|npm_config)_/i.test(name));
  return {
    ...Object.fromEntries(inherited),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b.example',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b.example',
    // There are no such files. npm refuses one file for both.
    npm_config_userconfig: join(folder, 'user.npmrc'),
    npm_config_globalconfig: join(folder, 'global.npmrc'),
  };
}

describe('the version', () => {
  const server = fakeServer();

  it('is that of package.json', () => {
    expect(VERSION).toBe(version);
  });

  it('is set everywhere by `npm version`, in the commit that it makes, whatever its form', async () => {
    const checkout = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
    const run = promisify(execFile);
    const options = { cwd: checkout, env: neutralEnvironment(checkout) };
    const git = (...args: string[]): Promise<{ stdout: string }> => run('git', args, options);
    const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');
    try {
      for (const file of [
        ...Object.keys(PLACES),
        'package.json',
        'package-lock.json',
        'tools/set-version.ts',
        'tsconfig.json',
      ])
        cpSync(join(ROOT, file), join(checkout, file));
      symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
      await git('init', '--quiet');
      await git('add', '--all', '--', ':!node_modules');
      await git('commit', '--quiet', '--message', 'Before');
      for (const [wanted, made] of [
        ['99.0.1-0', '99.0.1-0'],
        ['prerelease', '99.0.1-1'],
        ['99.0.1-rc1', '99.0.1-rc1'],
        ['patch', '99.0.1'],
      ] as const) {
        await run('npm', ['version', wanted, '--offline'], options);
        for (const [file, around] of Object.entries(AROUND)) expect(read(file)).toContain(around(made));
        expect((await git('status', '--porcelain', '--untracked-files=no')).stdout).toBe('');
        expect((await git('describe', '--exact-match', '--tags')).stdout).toBe(`v${made}\n`);
      }
      // No text has kept the first version.
      const before = Object.values(PLACES).map((text) => text + VERSION);
      for (const file of Object.keys(PLACES))
        expect(before.filter((text) => read(file).includes(text))).toEqual([]);
    } finally {
      rmSync(checkout, { recursive: true });
    }
  }, 60_000);

  it('is sent in the user-agent header of every request', async () => {
    server.replies({ body: {} });
    await anApi().request('/v2/account');
    expect(server.asked[0]?.headers['user-agent']).toBe(`doapi-ts/${VERSION} node/${process.versions.node}`);
  });
});
