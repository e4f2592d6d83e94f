import { describe, expect, it } from '@jest/globals';
import {
  ActionError,
  AuthenticationError,
  type Image,
  UnknownOutcomeError,
  UnprocessableError,
  WaitTimeoutError,
} from '../lib';
import { Sandbox } from '../lib/sandbox';

const START = 'POST /v2/images/:id/actions';

/** An image in nyc1, in a sandbox in which a transfer takes a minute. */
async function golden(): Promise<{ sandbox: Sandbox; image: Image; started: () => unknown[] }> {
  const sandbox = new Sandbox({ images: [{ id: 5, name: 'golden', regions: ['nyc1'] }], actionTime: 60_000 });
  const image = await sandbox.api().fetchImage(5);
  const started = (): unknown[] =>
    sandbox.requests
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => (body as { region: string }).region);
  return { sandbox, image, started };
}

describe('image.replicate', () => {
  it('brings the image to all regions, one entry for each, in the order given', async () => {
    const { image, started } = await golden();
    const results = await image.replicate(['sgp1', 'ams3', 'fra1']);
    expect(results.map(({ region, outcome, action }) => [region, outcome, action?.status])).toEqual([
      ['sgp1', 'completed', 'completed'],
      ['ams3', 'completed', 'completed'],
      ['fra1', 'completed', 'completed'],
    ]);
    expect(started()).toEqual(['sgp1', 'ams3', 'fra1']);
    expect((await image.fetch()).regions).toEqual(['nyc1', 'sgp1', 'ams3', 'fra1']);
  });

  it('asks nothing for a region where the image is, and takes one that stands there twice once', async () => {
    const { sandbox, image } = await golden();
    sandbox.clearRequests();
    expect(await image.replicate(['nyc1', 'nyc1'])).toEqual([{ region: 'nyc1', outcome: 'present' }]);
    expect(sandbox.requests).toEqual([]);
  });

  it('takes regions as objects', async () => {
    const { sandbox, image } = await golden();
    const region = await sandbox
      .api()
      .fetchAllRegions()
      .find(({ slug }) => slug === 'lon1');
    const [result] = await image.replicate(region ? [region] : []);
    expect(result).toMatchObject({ region: 'lon1', outcome: 'completed' });
  });

  it('adopts a transfer that is under way, and does not start it twice', async () => {
    const { image, started } = await golden();
    const action = await image.transfer('ams3');
    const results = await image.replicate(['ams3', 'fra1']);
    expect(results[0]?.action?.id).toBe(action.id);
    expect(started()).toEqual(['ams3', 'fra1']);
  });

  it('goes on with the others when one region is refused', async () => {
    const { image } = await golden();
    const [refused, completed] = await image.replicate(['nowhere', 'ams3']);
    expect(refused?.outcome).toBe('refused');
    expect(refused?.error).toBeInstanceOf(UnprocessableError);
    expect(completed?.outcome).toBe('completed');
  });

  it('finds that the image has arrived since it was fetched', async () => {
    const { image } = await golden();
    await image.transfer('ams3', { wait: true });
    expect(await image.replicate(['ams3'])).toEqual([{ region: 'ams3', outcome: 'present' }]);
  });

  it('looks a lost answer up, and does not repeat the transfer', async () => {
    const { sandbox, image, started } = await golden();
    sandbox.fail({ on: START, with: 'reset-after-execution', times: 1 });
    const results = await image.replicate(['ams3', 'fra1']);
    expect(results.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
    expect(started()).toEqual(['ams3', 'fra1']);
  });

  it('is unknown where a lost answer is not found', async () => {
    const { sandbox, image } = await golden();
    sandbox.fail({ on: START, with: 'reset-before-execution', times: 1 });
    const [unknown, completed] = await image.replicate(['ams3', 'fra1'], { concurrency: 1 });
    expect(unknown?.outcome).toBe('unknown');
    expect(unknown?.error).toBeInstanceOf(UnknownOutcomeError);
    expect(completed?.outcome).toBe('completed');
  });

  it('says which transfer errored, and which has not ended in time', async () => {
    const { sandbox, image } = await golden();
    const [late] = await image.replicate(['ams3'], { timeout: 10_000 });
    expect(late).toMatchObject({ outcome: 'timed-out', action: { status: 'in-progress' } });
    expect(late?.error).toBeInstanceOf(WaitTimeoutError);
    const doomed = image.replicate(['ams3', 'fra1']);
    await sandbox.advance(5_000);
    await image.delete();
    const results = await doomed;
    for (const { outcome, error } of results) {
      expect(outcome).toBe('errored');
      expect(error).toBeInstanceOf(ActionError);
    }
  });

  it.each([1, 2, 4])('starts %i transfers at once at most', async (concurrency) => {
    const { sandbox } = await golden();
    let underWay = 0;
    let most = 0;
    const api = sandbox.api({
      onRequest: ({ method }) => {
        if (method === 'POST') most = Math.max(most, ++underWay);
      },
      onResponse: ({ status }) => {
        if (status === 201) underWay -= 1;
      },
    });
    sandbox.fail({ on: START, with: 'delay', ms: 1_000 });
    const image = await api.fetchImage(5);
    await image.replicate(['ams3', 'fra1', 'lon1', 'sgp1', 'tor1', 'blr1'], { concurrency });
    expect(most).toBe(concurrency);
  });

  it('fetches an image first that is known by its id alone', async () => {
    const { sandbox } = await golden();
    expect(await sandbox.api().image(5).replicate(['nyc1'])).toEqual([
      { region: 'nyc1', outcome: 'present' },
    ]);
    expect(sandbox.requests.at(-1)).toMatchObject({ method: 'GET', path: '/v2/images/5' });
  });

  it('rejects when going on is pointless: a 401, an image that is gone, an abort', async () => {
    const { sandbox, image } = await golden();
    sandbox.fail({ on: START, with: 'status', status: 401, times: 1 });
    await expect(image.replicate(['ams3'])).rejects.toBeInstanceOf(AuthenticationError);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(image.replicate(['ams3'], { signal })).rejects.toThrow('enough');
    await image.delete();
    await expect(image.replicate(['ams3'])).rejects.toMatchObject({ status: 404 });
  });

  it('refuses what is no region, and no number of transfers, before anything is sent', async () => {
    const { sandbox, image } = await golden();
    sandbox.clearRequests();
    await expect(image.replicate(['ams3', '../x'])).rejects.toThrow('regions[1]');
    await expect(image.replicate('ams3' as never)).rejects.toThrow('regions');
    await expect(image.replicate(['ams3'], { concurrency: 0 })).rejects.toThrow('concurrency');
    expect(sandbox.requests).toEqual([]);
  });
});
