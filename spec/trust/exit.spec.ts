import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../lib/sandbox';
import { runProgram } from '../support/program';

const sandbox = new Sandbox({
  images: [{ id: 5, regions: ['nyc1'] }],
  actions: [{ id: 36, resource_id: 5, region_slug: 'fra1', status: 'in-progress' }],
});
let server: Awaited<ReturnType<Sandbox['listen']>>;

beforeAll(async () => {
  server = await sandbox.listen();
});
afterAll(() => server.close());

describe('a program that does not close its manager', () => {
  it('exits as soon as it is idle, although connections are kept alive and a wait lost its race', async () => {
    const { output, errors, code } = await runProgram('spec/trust/programs/leave.ts', {
      args: [server.url, server.token],
    });
    expect({ errors, code }).toEqual({ errors: '', code: 0 });
    const { duration, ...seen } = JSON.parse(output) as { duration: number };
    expect(seen).toEqual({ images: 1, winner: 'the timer' });
    expect(duration).toBeLessThan(250);
  }, 30_000);
});
