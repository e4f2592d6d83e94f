import { describe, expect, it } from '@jest/globals';
import { type DOApi, DOApiError, type UnknownOutcomeError } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { rejection } from '../support/rejection';

/** Calls that fail. Each is awaited in a function of its name, as by a program. */
const CALLS: Readonly<Record<string, (api: DOApi, sandbox: Sandbox) => Promise<unknown>>> = {
  'image.fetch()': (api) => api.image(99).fetch(),
  'image.fetch() after retries': (api, sandbox) => {
    sandbox.fail({ with: 503 });
    return api.image(5).fetch();
  },
  'api.request()': (api) => api.request('/v2/nothing'),
  'listing.toArray()': (api, sandbox) => {
    sandbox.fail({ with: 422 });
    return api.fetchAllImages().toArray();
  },
  'for await': async (api, sandbox) => {
    sandbox.fail({ with: 422 });
    for await (const image of api.fetchAllImages()) expect(image).toBeDefined();
  },
  'the second page of a list': async (api, sandbox) => {
    sandbox.fail({ with: 422, when: ({ query }) => query.page === '2' });
    for await (const region of api.fetchAllRegions({ perPage: 2 })) expect(region).toBeDefined();
  },
  'listing.page()': (api, sandbox) => {
    sandbox.fail({ with: 422 });
    return api.fetchAllActions().page(2);
  },
  'api.findImages()': (api, sandbox) => {
    sandbox.fail({ with: 422 });
    return api.findImages();
  },
  'action.wait() at its timeout': async (api) =>
    (await api.image(5).transfer('fra1')).wait({ timeout: 10_000 }),
  'transfer({ wait }) at its timeout': (api) => api.image(5).transfer('fra1', { wait: { timeout: 10_000 } }),
  'image.waitForAction() at its timeout': async (api) => {
    await api.image(5).transfer('fra1');
    await api.image(5).waitForAction({ timeout: 10_000 });
  },
  'api.waitActions() at its timeout': async (api) => {
    const actions = [await api.image(5).transfer('fra1')];
    for await (const action of api.waitActions(actions, { timeout: 10_000 })) expect(action).toBeDefined();
  },
  'api.waitActions() with an unknown action': async (api) => {
    for await (const action of api.waitActions([99_999_999])) expect(action).toBeDefined();
  },
  'action.wait() for an action that errors': async (api, sandbox) => {
    sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'errored-action' });
    await (await api.image(5).transfer('fra1')).wait();
  },
  'transfer({ wait }) that errors': (api, sandbox) => {
    sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'errored-action' });
    return api.image(5).transfer('fra1', { wait: true });
  },
  'image.waitUntilAvailable()': async (api) => {
    const url = 'https://nowhere.invalid/disk.qcow2';
    await (await api.createCustomImage({ name: 'mine', url, region: 'nyc1' })).waitUntilAvailable();
  },
  'image.replicate()': (api, sandbox) => {
    sandbox.fail({ with: 401 });
    return api.image(5).replicate(['fra1']);
  },
  'droplet.takeSnapshot() at its timeout': (api) => api.droplet(7).takeSnapshot({ timeout: 10_000 }),
  'droplet.takeSnapshot() that errors': (api, sandbox) => {
    sandbox.fail({ on: 'POST /v2/droplets/:id/actions', with: 'errored-action' });
    return api.droplet(7).takeSnapshot();
  },
  'createDroplet({ wait }) at its timeout': (api) =>
    api.createDroplet({
      name: 'new',
      image: 5,
      region: 'nyc1',
      size: 's-1vcpu-1gb',
      wait: { timeout: 1_000 },
    }),
  'api.planPrune()': (api, sandbox) => {
    sandbox.fail({ with: 422 });
    return api.planPrune({ keep: 3 });
  },
  'a transfer whose response is lost': (api, sandbox) => {
    sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'reset-after-execution' });
    return api.image(5).transfer('fra1');
  },
  'reconcile()': async (api, sandbox) => {
    sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'reset-after-execution', times: 1 });
    const error = (await rejection(api.image(5).transfer('fra1'))) as UnknownOutcomeError;
    sandbox.fail({ with: 422 });
    await error.reconcile();
  },
};

describe('the stack of an error', () => {
  const awaitInProgram = async (call: () => Promise<unknown>): Promise<void> => {
    await call();
  };

  it.each(Object.entries(CALLS))('names the line of the program that awaits %s', async (_, call) => {
    const sandbox = new Sandbox({
      images: [{ id: 5, regions: ['nyc1'] }],
      droplets: [{ id: 7, image: 5, region: 'nyc1' }],
    });
    const api = sandbox.api();
    const error = (await rejection(awaitInProgram(() => call(api, sandbox)))) as Error;
    expect(error).toBeInstanceOf(DOApiError);
    expect(error.stack).toContain(error.message);
    expect(error.stack).toMatch(/at (async )?awaitInProgram .*caller-stack\.spec\.ts/);
  });

  it('is not changed when the error is the reason of a signal', async () => {
    const reason = new Error('enough');
    const { stack } = reason;
    const api = new Sandbox().api();
    expect(await rejection(api.fetchAllImages({ signal: AbortSignal.abort(reason) }).toArray())).toBe(reason);
    expect(await rejection(api.fetchAllRegions().first({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(reason.stack).toBe(stack);
  });
});
