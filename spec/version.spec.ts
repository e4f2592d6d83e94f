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

/** The files that `npm version` changes beside its own. */
const FILES = ['lib/version.ts', 'README.md', 'docs/guide.md', 'docs/versions.md'];
const AUTHOR = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@b.example',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@b.example',
};

describe('the version', () => {
  const server = fakeServer();

  it('is that of package.json', () => {
    expect(VERSION).toBe(version);
  });

  it('is set everywhere by `npm version`, in the commit that it makes', async () => {
    const checkout = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
    const run = promisify(execFile);
    const options = { cwd: checkout, env: { ...process.env, ...AUTHOR } };
    const git = (...args: string[]): Promise<{ stdout: string }> => run('git', args, options);
    const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');
    try {
      for (const file of [
        ...FILES,
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
      await run('npm', ['version', '99.0.1-beta.2', '--offline'], options);
      expect(read('lib/version.ts')).toContain("VERSION = '99.0.1-beta.2'");
      for (const file of FILES) expect(read(file)).not.toMatch(new RegExp(`doapi-ts[-/]${VERSION}`));
      expect((await git('status', '--porcelain', '--untracked-files=no')).stdout).toBe('');
      expect((await git('describe', '--exact-match', '--tags')).stdout).toBe('v99.0.1-beta.2\n');
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
