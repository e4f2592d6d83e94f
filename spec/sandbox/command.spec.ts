import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DOApi } from '../../lib';
import { COMPILE } from '../support/program';

const CLI = join(__dirname, '..', '..', 'lib', 'cli.ts');

const started: ChildProcess[] = [];

/** Starts the command in a process of its own, as a user does. */
function doapi(...argv: string[]): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [...COMPILE, CLI, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, lines };
}

/** Reads lines until one matches. */
async function find(lines: AsyncIterator<string>, pattern: RegExp): Promise<string> {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const match = pattern.exec(line.value);
    if (match) return match[1] ?? match[0];
  }
  throw new Error(`The command never printed ${String(pattern)}`);
}

describe('The command doapi-ts', () => {
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  it('serves a sandbox that a client can use, logs a line for each request, and stops cleanly', async () => {
    const { child, lines } = doapi('sandbox', '--port', '0', '--speed', '600');
    const endpoint = await find(lines, /(http:\/\/127\.0\.0\.1:\d+)/);
    const token = await find(lines, /(dop_v1_[0-9a-f]{64})/);
    const api = new DOApi({ endpoint, token, waitInterval: 20 });
    const image = await api
      .fetchAllPrivateImages()
      .find(({ type, regions }) => type === 'snapshot' && !regions.includes('nyc3'));
    expect(image).not.toBeNull();
    const action = await image?.transfer('nyc3', { wait: true });
    expect(action?.completed).toBe(true);
    await find(lines, /POST \/v2\/images\/\d+\/actions/);
    await api.close();
    child.kill('SIGINT');
    expect(await find(lines, /has stopped/)).toBeTruthy();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  }, 30_000);

  it('goes on when its output has no reader any more, as after `| head`', async () => {
    const { child, lines } = doapi('sandbox', '--port', '0');
    const endpoint = await find(lines, /(http:\/\/127\.0\.0\.1:\d+)/);
    const token = await find(lines, /(dop_v1_[0-9a-f]{64})/);
    child.stdout?.destroy();
    const api = new DOApi({ endpoint, token });
    for (let count = 0; count < 5; count++) expect(await api.fetchAllRegions().total()).toBe(14);
    await api.close();
    let errors = '';
    child.stderr?.on('data', (data: Buffer) => (errors += data.toString()));
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  }, 30_000);

  it('prints its usage, and exits with 2 for an unknown command', async () => {
    const { child, lines } = doapi('--help');
    await find(lines, /Usage: doapi-ts sandbox/);
    expect(((await once(child, 'exit')) as [number])[0]).toBe(0);
    const wrong = doapi('sandwich');
    expect(((await once(wrong.child, 'exit')) as [number])[0]).toBe(2);
  }, 30_000);
});
