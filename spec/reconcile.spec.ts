import { describe, expect, it } from '@jest/globals';
import { Action, type DOApi, DOApiError, Image, type UnknownOutcomeError } from '../lib';
import { sleep } from '../lib/util/clock';
import errors from './fixtures/error/documented.json';
import {
  accountOf,
  actionJson,
  type Responder,
  imageJson,
  type Json,
  MemoryServer,
  rejection,
  stamp,
} from './support/builders';

const NEW = { name: 'mine', url: 'https://example.com/disk.raw', region: 'nyc3' };
const transfer = (api: DOApi): Promise<unknown> => api.image(7938269).transfer('nyc3');
const convert = (api: DOApi): Promise<unknown> => api.image(7938269).convert();
const create = (api: DOApi): Promise<unknown> => api.createCustomImage(NEW);

/** A server that loses the response to every POST. */
function losingServer(respond: Responder): MemoryServer {
  return new MemoryServer((request, nth) =>
    request.method === 'POST' ? new Error('socket hang up') : respond(request, nth),
  );
}

const withActions = (...list: Json[]): MemoryServer => losingServer(accountOf({ actions: () => list }));
const withImages = (...list: Json[]): MemoryServer => losingServer(accountOf({ images: () => list }));

/** The error of a POST whose response was lost. */
async function lost(
  server: MemoryServer,
  send: (api: DOApi) => Promise<unknown>,
): Promise<UnknownOutcomeError> {
  return (await rejection(send(server.api()))) as UnknownOutcomeError;
}

const young = { started_at: stamp() };

describe('reconcile() finds', () => {
  it.each([
    ['a transfer', transfer, actionJson({ id: 7, ...young })],
    ['a convert', convert, actionJson({ id: 7, type: 'convert', region: null, region_slug: null, ...young })],
    [
      'a convert under its former name',
      convert,
      actionJson({ id: 7, type: 'convert_to_snapshot', ...young }),
    ],
    ['one that started earlier by a slow clock', transfer, actionJson({ id: 7, started_at: stamp(-59_000) })],
    ['one that has ended', transfer, actionJson({ id: 7, status: 'errored', ...young })],
  ])('the action: %s', async (_what, send, found) => {
    const server = withActions(actionJson({ id: 6, type: 'other', ...young }), found);
    const error = await lost(server, send);
    const action = (await error.reconcile()) as Action;
    expect(action).toBeInstanceOf(Action);
    expect(action.id).toBe(7);
    expect(server.lines.slice(1)).toEqual(['GET /v2/images/7938269/actions']);
  });

  it('the latest of several actions', async () => {
    const [a, b, c] = [8, 9, 7].map((id) => actionJson({ id, ...young }));
    const error = await lost(withActions(a ?? {}, b ?? {}, c ?? {}), transfer);
    expect(await error.reconcile()).toMatchObject({ id: 9 });
  });

  it('the image', async () => {
    const server = withImages(
      imageJson({ id: 1, name: 'mine', created_at: stamp(-3_600_000) }),
      imageJson({ id: 2, name: 'mine', created_at: stamp(), status: 'NEW' }),
      imageJson({ id: 3, name: 'other', created_at: stamp() }),
    );
    const image = (await (await lost(server, create)).reconcile()) as Image;
    expect(image).toBeInstanceOf(Image);
    expect(image).toMatchObject({ id: 2, name: 'mine' });
    expect(server.requests[1]).toMatchObject({ path: '/v2/images', query: { private: 'true' } });
  });

  it('the action by the clock of the server', async () => {
    const behind = 30 * 60_000;
    const headers = { date: new Date(Date.parse(stamp()) - behind).toUTCString() };
    const { respond: answer } = withActions(actionJson({ id: 7, started_at: stamp(-behind) }));
    const server = new MemoryServer(async (request, nth) => {
      const reply = await answer(request, nth);
      return reply instanceof Error ? reply : { ...reply, headers };
    });
    const api = server.api();
    await api.image(7938269).fetchLastAction();
    const error = (await rejection(transfer(api))) as UnknownOutcomeError;
    expect(await error.reconcile()).toMatchObject({ id: 7 });
  });

  it('the action in a later call', async () => {
    const list: Json[] = [];
    const error = await lost(losingServer(accountOf({ actions: () => list })), transfer);
    expect(await error.reconcile()).toBeNull();
    list.push(actionJson({ id: 7, ...young }));
    expect(await error.reconcile()).toMatchObject({ id: 7 });
  });
});

describe('reconcile(): no match', () => {
  it.each([
    ['another type', actionJson({ type: 'convert', ...young })],
    ['another region', actionJson({ region: null, region_slug: 'ams3', ...young })],
    ['an earlier start', actionJson({ started_at: stamp(-61_000) })],
    ['no start', actionJson({ started_at: null })],
    ['no type', actionJson({ type: null, ...young })],
  ])('returns null after two readings: %s', async (_what, other) => {
    const server = withActions(other);
    const error = await lost(server, transfer);
    expect(await error.reconcile()).toBeNull();
    expect(server.requests).toHaveLength(3);
    expect(server.clock.now()).toBe(60_000);
  });

  it.each([
    ['another name', imageJson({ name: 'other', created_at: stamp() })],
    ['an earlier date', imageJson({ name: 'mine', created_at: stamp(-61_000) })],
    ['no date', imageJson({ name: 'mine', created_at: null })],
  ])('returns null for an image: %s', async (_what, other) => {
    expect(await (await lost(withImages(other), create)).reconcile()).toBeNull();
  });

  it.each([3_000, 59_000])('does not return null while a list lags by %d ms', async (lag) => {
    const server: MemoryServer = losingServer(() => {
      const actions = server.clock.now() < lag ? [] : [actionJson({ id: 7, ...young })];
      return { body: { actions, meta: { total: actions.length } } };
    });
    const error = await lost(server, transfer);
    expect(await error.reconcile()).toMatchObject({ id: 7 });
  });

  it('returns null one interval after the first reading when the POST was sent long ago', async () => {
    const server = withActions();
    const error = await lost(server, transfer);
    await sleep(server.clock, 3_600_000);
    expect(await error.reconcile()).toBeNull();
    expect(server.clock.now()).toBe(3_605_000);
  });

  it('returns null earlier with a shorter interval', async () => {
    const server = withActions();
    const error = await rejection(transfer(server.api({ waitInterval: 100 })));
    expect(await (error as UnknownOutcomeError).reconcile()).toBeNull();
    expect(server.clock.now()).toBe(1_200);
  });

  it('rejects when the list keeps changing', async () => {
    const server = losingServer((_request, nth) => ({ body: { actions: [], meta: { total: nth } } }));
    const error = await lost(server, transfer);
    const undecided = await rejection(error.reconcile());
    expect(undecided).toBeInstanceOf(DOApiError);
    expect(String(undecided)).toContain('the outcome is still unknown; try again in a minute');
  });

  it('rejects when the list cannot be read', async () => {
    const server = losingServer(() => ({ status: 500, body: errors[500] }));
    const error = await lost(server, transfer);
    await expect(error.reconcile()).rejects.toMatchObject({ status: 500 });
  });
});

describe('reconcile()', () => {
  it('can be aborted', async () => {
    const server = withActions();
    const error = await lost(server, transfer);
    expect(await rejection(error.reconcile({ signal: AbortSignal.abort('enough') }))).toBe('enough');
    expect(server.requests).toHaveLength(1);
    const controller = new AbortController();
    server.clock.after(1_000, () => controller.abort('enough'));
    expect(await rejection(error.reconcile({ signal: controller.signal }))).toBe('enough');
    expect(server.clock.now()).toBe(1_000);
  });

  it('never sends the POST again', async () => {
    const server = withActions();
    await (await lost(server, transfer)).reconcile();
    expect(server.lines.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });
});
