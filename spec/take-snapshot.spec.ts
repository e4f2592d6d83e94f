import { describe, expect, it } from '@jest/globals';
import {
  ActionError,
  ConnectionError,
  DOApiError,
  type Droplet,
  LookupError,
  UnknownOutcomeError,
  UnprocessableError,
  WaitTimeoutError,
} from '../lib';
import { Sandbox, type SandboxOptions } from '../lib/sandbox';
import { sleep } from '../lib/util/clock';
import { MINUTE, SECOND } from '../lib/util/time-units';

const ID = 5;

/** What it rejects with, which must be of this class. */
async function rejection<E extends Error>(
  promise: Promise<unknown>,
  Class: abstract new (...args: never[]) => E,
): Promise<E> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Class);
  return error as E;
}

/** An account with one Droplet. */
function anAccount(options: SandboxOptions = {}): { sandbox: Sandbox; droplet: Droplet } {
  const sandbox = new Sandbox({
    images: [{ id: 1, slug: 'ubuntu', public: true, regions: ['nyc1'] }],
    droplets: [{ id: ID, name: 'web-1', image: 1, region: 'nyc1', status: 'active' }],
    actionTime: MINUTE,
    ...options,
  });
  return { sandbox, droplet: sandbox.api().droplet({ id: ID, name: 'web-1' }) };
}

/** The types of the actions that were started, in order. */
const startedIn = ({ requests }: Sandbox): unknown[] =>
  requests
    .filter(({ method, executed, status }) => method === 'POST' && executed && (status ?? 201) === 201)
    .map(({ body }) => (body as { type: string }).type);

const snapshotsIn = ({ images }: Sandbox): number[] =>
  images.filter(({ type }) => type === 'snapshot').map(({ id }) => id);

const SNAPSHOT = { on: `POST /v2/droplets/:id/actions`, when: isOf('snapshot') };

function isOf(type: string): (request: { body?: unknown }) => boolean {
  return ({ body }) => (body as { type?: unknown } | undefined)?.type === type;
}

describe('droplet.takeSnapshot()', () => {
  it('returns the image that its action has made', async () => {
    const { sandbox, droplet } = anAccount();
    const image = await droplet.takeSnapshot({ name: 'golden' });
    expect(image).toMatchObject({ name: 'golden', type: 'snapshot', regions: ['nyc1'], status: 'available' });
    expect(snapshotsIn(sandbox)).toEqual([image.id]);
    expect(startedIn(sandbox)).toEqual(['snapshot']);
  });

  it('names it after the Droplet and the time by default', async () => {
    const { droplet } = anAccount();
    expect((await droplet.takeSnapshot()).name).toMatch(/^web-1-\d{13}$/);
  });

  it('tells it from fifty others of that name', async () => {
    const images = Array.from({ length: 50 }, (_, index) => ({
      id: 100 + index,
      name: 'golden',
      type: 'snapshot',
      regions: ['nyc1'],
    }));
    const droplets = [{ id: ID, region: 'nyc1', snapshot_ids: images.map(({ id }) => id) }];
    const { droplet } = anAccount({ images: [{ id: 1 }, ...images], droplets });
    expect((await droplet.takeSnapshot({ name: 'golden' })).id).toBeGreaterThan(150);
  });

  it('reads a list that lags for a minute', async () => {
    const { droplet } = anAccount({ lag: MINUTE });
    expect((await droplet.takeSnapshot({ name: 'golden' })).name).toBe('golden');
  });

  it('never guesses: an image that is not listed after a minute is a LookupError', async () => {
    const { sandbox, droplet } = anAccount({ lag: { lists: 10 * MINUTE } });
    const error = await rejection(droplet.takeSnapshot({ name: 'golden' }), LookupError);
    const [action] = sandbox.actions;
    expect(error.message).toBe(
      `takeSnapshot: no new image is listed after a minute; none is known to be the image that action ${action?.id} has made of Droplet 5`,
    );
    expect(error.candidates).toEqual([]);
  });

  it('is sent after the action that is in progress', async () => {
    const { sandbox, droplet } = anAccount();
    const reboot = await droplet.reboot();
    const image = await droplet.takeSnapshot({ name: 'golden' });
    expect(image.createdAt?.getTime()).toBeGreaterThanOrEqual((reboot.startedAt?.getTime() ?? 0) + MINUTE);
    expect(startedIn(sandbox)).toEqual(['reboot', 'snapshot']);
  });

  it('is not mistaken for the snapshot of another program, just before or after', async () => {
    const { sandbox, droplet } = anAccount({ lag: 20 * SECOND });
    const other = sandbox.api().droplet(ID);
    await other.snapshot('golden');
    const taken = droplet.takeSnapshot({ name: 'golden' });
    await sleep(sandbox.clock, 2 * MINUTE + 30 * SECOND);
    await other.snapshot('golden');
    const image = await taken;
    const [, ours] = sandbox.actions;
    expect(image.createdAt?.toISOString().replace('.000Z', 'Z')).toBe(ours?.started_at);
  });

  it('finds an action whose response was lost, and does not start another one', async () => {
    const { sandbox, droplet } = anAccount();
    sandbox.fail({ ...SNAPSHOT, with: 'reset-after-execution', times: 1 });
    const image = await droplet.takeSnapshot({ name: 'golden' });
    expect(snapshotsIn(sandbox)).toEqual([image.id]);
    expect(startedIn(sandbox)).toEqual(['snapshot']);
  });

  it('starts it when the lost request was not carried out', async () => {
    const { sandbox, droplet } = anAccount();
    sandbox.fail({ ...SNAPSHOT, with: 'reset-before-execution', times: 1 });
    const image = await droplet.takeSnapshot({ name: 'golden' });
    expect(snapshotsIn(sandbox)).toEqual([image.id]);
  });

  it('says when it is not known whether one was started', async () => {
    const { sandbox, droplet } = anAccount();
    sandbox.fail({ ...SNAPSHOT, with: 'reset-after-execution', times: 1 });
    sandbox.fail({ on: 'GET /v2/droplets/:id/actions', with: 'status', status: 403 });
    const error = await rejection(droplet.takeSnapshot({ name: 'golden' }), UnknownOutcomeError);
    expect(error.mayHaveExecuted).toBe(true);
  });

  it('survives ten minutes without the API', async () => {
    const { sandbox, droplet } = anAccount();
    const outage = sandbox.fail({ with: 'status', status: 503, when: ({ method }) => method === 'GET' });
    const taken = droplet.takeSnapshot({ name: 'golden' });
    await sleep(sandbox.clock, 10 * MINUTE);
    outage.lift();
    expect((await taken).name).toBe('golden');
  });

  it('rejects when the snapshot fails', async () => {
    const { sandbox, droplet } = anAccount();
    sandbox.fail({ ...SNAPSHOT, with: 'errored-action', times: 1 });
    await rejection(droplet.takeSnapshot({ name: 'golden' }), ActionError);
  });

  it('rejects when its time is up, and tells what continues', async () => {
    const { sandbox, droplet } = anAccount({ actionTime: 20 * MINUTE });
    const error = await rejection(droplet.takeSnapshot({ timeout: MINUTE }), WaitTimeoutError);
    expect(error.inProgress).toEqual([expect.objectContaining({ id: sandbox.actions[0]?.id })]);
    expect(error.elapsed).toBeLessThanOrEqual(MINUTE);
  });

  it('rejects when nothing could be started, and tells why', async () => {
    const { sandbox, droplet } = anAccount();
    sandbox.fail({ with: 'refused' });
    const error = await rejection(droplet.takeSnapshot({ timeout: 3 * MINUTE }), WaitTimeoutError);
    expect(error.message).toBe(
      `The snapshot of Droplet 5 was not found after ${Math.round(error.elapsed / 1000)} s and 0 polls: wait again, or with a longer timeout`,
    );
    expect(error.cause).toBeInstanceOf(ConnectionError);
    expect(error.inProgress).toEqual([]);
  });

  it('rejects in time when another action never ends', async () => {
    const { sandbox, droplet } = anAccount({ actionTime: 20 * MINUTE });
    await droplet.reboot();
    const began = sandbox.clock.now();
    await rejection(droplet.takeSnapshot({ timeout: MINUTE }), WaitTimeoutError);
    expect(sandbox.clock.now() - began).toBeLessThanOrEqual(MINUTE);
  });

  it('ends with the signal, for any reason', async () => {
    const { sandbox, droplet } = anAccount({ actionTime: 20 * MINUTE });
    const pending = await rejection(droplet.powerOn(), UnprocessableError);
    const reasons = [new Error('enough'), pending, null];
    for (const reason of reasons) {
      const controller = new AbortController();
      const taken = droplet.takeSnapshot({ signal: controller.signal }).catch((error: unknown) => error);
      await sleep(sandbox.clock, 3 * SECOND);
      controller.abort(reason);
      expect(await taken).toBe(reason);
    }
  });

  it('reports the progress of its action', async () => {
    const { droplet } = anAccount();
    const seen: (string | null)[] = [];
    await droplet.takeSnapshot({ onProgress: ({ state }) => seen.push(state.status) });
    expect(new Set(seen)).toEqual(new Set(['in-progress', 'completed']));
  });

  it('checks its options before it sends anything', async () => {
    const { sandbox, droplet } = anAccount();
    await expect(droplet.takeSnapshot({ reuse: true })).rejects.toThrow(TypeError);
    await expect(droplet.takeSnapshot({ nam: 'x' } as never)).rejects.toThrow('did you mean name?');
    await expect(droplet.takeSnapshot({ name: '' })).rejects.toThrow('name: expected');
    await expect(droplet.takeSnapshot({ throwOnError: false } as never)).rejects.toThrow('throwOnError');
    expect(sandbox.requests).toEqual([]);
  });
});

describe('droplet.takeSnapshot({ reuse: true })', () => {
  it('does nothing twice', async () => {
    const { sandbox, droplet } = anAccount();
    const first = await droplet.takeSnapshot({ name: 'golden', reuse: true });
    const second = await droplet.takeSnapshot({ name: 'golden', reuse: true, powerOff: true });
    expect(second.id).toBe(first.id);
    expect(startedIn(sandbox)).toEqual(['snapshot']);
  });

  it('waits for one that is being made, also while lists lag', async () => {
    const { sandbox, droplet } = anAccount({ lag: 30 * SECOND });
    await droplet.snapshot('golden');
    const again = await droplet.takeSnapshot({ name: 'golden', reuse: true });
    expect(snapshotsIn(sandbox)).toEqual([again.id]);
    expect(startedIn(sandbox)).toEqual(['snapshot']);
  });

  it('finds one that has ended while lists lag, behind other actions', async () => {
    const { sandbox, droplet } = anAccount({ lag: { lists: 50 * SECOND }, actionTime: 5 * SECOND });
    await droplet.snapshot('golden', { wait: true });
    await droplet.reboot({ wait: { interval: 2_000 } });
    const again = await droplet.takeSnapshot({ name: 'golden', reuse: true });
    expect(snapshotsIn(sandbox)).toEqual([again.id]);
  });

  it('is shared by programs that start at the same time', async () => {
    const { sandbox, droplet } = anAccount();
    const other = sandbox.api().droplet(ID);
    const images = await Promise.all(
      [droplet, other, droplet].map((one) => one.takeSnapshot({ name: 'golden', reuse: true })),
    );
    expect(new Set(images.map(({ id }) => id)).size).toBe(1);
    expect(startedIn(sandbox)).toEqual(['snapshot']);
  });

  it('finds one whose action has ended without a date', async () => {
    const { sandbox, droplet } = anAccount({ lag: { lists: 50 * SECOND } });
    const undated = (body: unknown): unknown => {
      const { actions = [] } = body as { actions?: object[] };
      for (const action of actions) Object.assign(action, { completed_at: null });
      return body;
    };
    sandbox.fail({ on: 'GET /v2/droplets/:id/actions', with: 'altered', alter: undated });
    sandbox.fail({ on: 'GET /v2/droplets/:id', with: 'altered', alter: (body) => body, times: 1 });
    await droplet.snapshot('golden', { wait: true });
    const again = await droplet.takeSnapshot({ name: 'golden', reuse: true });
    expect(snapshotsIn(sandbox)).toEqual([again.id]);
  });

  it('takes one when the image of that name is of another Droplet, or the last one failed', async () => {
    const { sandbox, droplet } = anAccount({
      images: [{ id: 1 }, { id: 9, name: 'golden', type: 'snapshot', regions: ['nyc1'] }],
      droplets: [
        { id: ID, region: 'nyc1', snapshot_ids: [] },
        { id: 6, region: 'nyc1', snapshot_ids: [9] },
      ],
    });
    sandbox.fail({ ...SNAPSHOT, with: 'errored-action', times: 1 });
    await droplet.snapshot('golden', { wait: { throwOnError: false } });
    const image = await droplet.takeSnapshot({ name: 'golden', reuse: true });
    expect(image.id).not.toBe(9);
  });
});

describe('droplet.takeSnapshot({ powerOff: true })', () => {
  const statusOf = (sandbox: Sandbox): unknown => sandbox.droplets[0]?.status;

  it('shuts the Droplet down, and turns it on again', async () => {
    const { sandbox, droplet } = anAccount({ lag: { items: 10 * SECOND } });
    await droplet.takeSnapshot({ name: 'golden', powerOff: true });
    expect(startedIn(sandbox)).toEqual(['shutdown', 'snapshot', 'power_on']);
    await sleep(sandbox.clock, MINUTE);
    expect(statusOf(sandbox)).toBe('active');
  });

  it('leaves a Droplet off that is off', async () => {
    const { sandbox, droplet } = anAccount({ droplets: [{ id: ID, region: 'nyc1', status: 'off' }] });
    await droplet.takeSnapshot({ name: 'golden', powerOff: true });
    expect(startedIn(sandbox)).toEqual(['snapshot']);
    expect(statusOf(sandbox)).toBe('off');
  });

  it('takes no snapshot of a running Droplet, although the object in hand says that it is off', async () => {
    const { sandbox } = anAccount({ droplets: [{ id: ID, region: 'nyc1', status: 'off' }] });
    const droplet = await sandbox.api().fetchDroplet(ID);
    await droplet.powerOn({ wait: true });
    sandbox.fail({ on: SNAPSHOT.on, when: isOf('shutdown'), with: 'errored-action', times: 1 });
    await droplet.takeSnapshot({ powerOff: true });
    expect(startedIn(sandbox)).toEqual(['power_on', 'shutdown', 'power_off', 'snapshot', 'power_on']);
  });

  it('ends with an abort at once when it has not begun, since another action is in progress', async () => {
    const { sandbox, droplet } = anAccount({ actionTime: 20 * MINUTE });
    await droplet.reboot();
    const controller = new AbortController();
    const taken = droplet.takeSnapshot({ powerOff: true, signal: controller.signal });
    taken.catch(() => undefined);
    await sleep(sandbox.clock, 10 * SECOND);
    controller.abort(new Error('enough'));
    await expect(taken).rejects.toThrow('enough');
    expect(sandbox.clock.now()).toBeLessThan(MINUTE);
    expect(startedIn(sandbox)).toEqual(['reboot']);
  });

  it('turns a Droplet off that does not shut down within a minute', async () => {
    const { sandbox, droplet } = anAccount();
    sandbox.fail({ on: SNAPSHOT.on, when: isOf('shutdown'), with: 'errored-action', times: 1 });
    await droplet.takeSnapshot({ name: 'golden', powerOff: true });
    expect(startedIn(sandbox)).toEqual(['shutdown', 'power_off', 'snapshot', 'power_on']);
    expect(statusOf(sandbox)).toBe('active');
  });

  it.each([
    ['the snapshot fails', { ...SNAPSHOT, with: 'errored-action', times: 1 } as const, ActionError],
    ['the snapshot is refused', { ...SNAPSHOT, with: 'status', status: 403 } as const, DOApiError],
  ])('turns it on again when %s', async (_what, fault, type) => {
    const { sandbox, droplet } = anAccount();
    sandbox.fail(fault);
    await rejection(droplet.takeSnapshot({ powerOff: true }), type);
    expect(startedIn(sandbox).at(-1)).toBe('power_on');
    expect(statusOf(sandbox)).toBe('active');
  });

  it('turns it on again when its time is up', async () => {
    const { sandbox, droplet } = anAccount();
    await rejection(droplet.takeSnapshot({ powerOff: true, timeout: 90 * SECOND }), WaitTimeoutError);
    expect(statusOf(sandbox)).toBe('active');
  });

  it.each([1, 30, 59, 61, 65, 90, 119, 121])(
    'turns it on again after an abort %d seconds later',
    async (seconds) => {
      const { sandbox, droplet } = anAccount({ lag: { items: 5 * SECOND } });
      const controller = new AbortController();
      const reason = new Error('enough');
      const taken = droplet.takeSnapshot({ powerOff: true, signal: controller.signal });
      taken.catch(() => undefined);
      await sleep(sandbox.clock, seconds * SECOND);
      controller.abort(reason);
      await expect(taken).rejects.toBe(reason);
      await sleep(sandbox.clock, 5 * MINUTE);
      expect(statusOf(sandbox)).toBe('active');
    },
  );

  it('turns it on again after a lost response, an error of the server, and another action', async () => {
    const { sandbox, droplet } = anAccount();
    const powerOn = { on: SNAPSHOT.on, when: isOf('power_on'), times: 1 };
    sandbox.fail({ ...powerOn, with: 'reset-before-execution' });
    sandbox.fail({ ...powerOn, with: 'status', status: 503 });
    sandbox.fail({
      ...powerOn,
      with: 'status',
      status: 422,
      message: 'Droplet already has a pending event.',
    });
    await droplet.takeSnapshot({ powerOff: true });
    expect(statusOf(sandbox)).toBe('active');
  });

  it('says so when that fails', async () => {
    const { sandbox, droplet } = anAccount();
    sandbox.fail({ on: SNAPSHOT.on, when: isOf('power_on'), with: 'status', status: 403 });
    const error = await rejection(droplet.takeSnapshot({ name: 'golden', powerOff: true }), DOApiError);
    const [id] = snapshotsIn(sandbox);
    expect(error.message).toMatch(/^Droplet 5 is off and could not be turned on again \(.*403/);
    expect(error.message).toMatch(new RegExp(`the snapshot is image ${id}$`));
    expect(statusOf(sandbox)).toBe('off');
  });
});
