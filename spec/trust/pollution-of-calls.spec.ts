import { afterEach, describe, expect, it } from '@jest/globals';
import { runProgram } from '../support/program';
import type { UnknownOutcomeError } from '../../lib';
import { requestMessage } from '../../lib/errors/message';
import { Sandbox } from '../../lib/sandbox';
import { rejection } from '../support/builders';

/** Names that an assignment to Object.prototype has set. */
const polluted: string[] = [];

function pollute(name: string, value: unknown): void {
  polluted.push(name);
  Object.defineProperty(Object.prototype, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: true,
  });
}

afterEach(() => {
  for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name);
});

const fail = (): never => {
  throw new Error('polluted');
};

describe.each([
  ['signal', AbortSignal.abort(new Error('polluted'))],
  ['onProgress', fail],
  ['group', fail],
  ['outcome', 'completed'],
  ['regions', ['fra1', 'ams3']],
  ['response', 'polluted'],
  ['whole', { message: 'polluted' }],
])('a polluted Object.prototype.%s', (name, value) => {
  it('is no option of a replication or of an action with a wait', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }] });
    const api = sandbox.api();
    const image = await api.fetchImage(5);
    pollute(name, value);
    expect((await image.replicate(['fra1', 'ams3'])).map(({ outcome }) => outcome)).toEqual([
      'completed',
      'completed',
    ]);
    expect((await image.transfer('sgp1', { wait: true })).completed).toBe(true);
  });
});

describe.each(['response', 'outcome', 'requestId', 'reason', 'config'])(
  'a lost POST under a polluted Object.prototype.%s',
  (name) => {
    it('is an UnknownOutcomeError whose message is as without, and can be searched for', async () => {
      const lose = async (): Promise<[string, unknown]> => {
        const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }] });
        const image = await sandbox.api().fetchImage(5);
        sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'reset-after-execution', times: 1 });
        const error = (await rejection(image.transfer('fra1'))) as UnknownOutcomeError<{ id: number }>;
        const found = await error.reconcile();
        return [`${error.name}: ${error.message}`, found?.id === sandbox.actions[0]?.id];
      };
      const [expected] = await lose();
      pollute(name, 'polluted');
      expect(await lose()).toEqual([expected, true]);
    });
  },
);

describe('a request without a response', () => {
  it('has no request id, whatever Object.prototype has', () => {
    pollute('requestId', 'polluted');
    expect(requestMessage({ method: 'GET', url: 'https://a.example/', attempts: 1 }, 'failed')).toBe(
      'GET https://a.example/: failed',
    );
  });
});

describe.each([
  ['Object', Object.prototype],
  ['Array', Array.prototype],
])('a toJSON of %s.prototype', (_name, prototype) => {
  afterEach(() => void Reflect.deleteProperty(prototype, 'toJSON'));

  it('changes no body of a request', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }] });
    const api = sandbox.api();
    const image = await api.fetchImage(5);
    const toJSON = (): unknown => 'polluted';
    Object.defineProperty(prototype, 'toJSON', { value: toJSON, configurable: true, writable: true });
    await image.transfer('fra1');
    await image.update({ name: 'new' });
    const tags = ['web'];
    await api.createCustomImage({ name: 'disk', url: 'https://bucket.example/a.gz', region: 'nyc1', tags });
    const at = new Date(0);
    await rejection(api.request('/v2/tags', { method: 'POST', body: { at, list: [{ a: 1 }] } }));
    expect(Object.getOwnPropertyDescriptor(prototype, 'toJSON')).toMatchObject({ value: toJSON });
    Reflect.deleteProperty(prototype, 'toJSON');
    expect(sandbox.requests.slice(1).map(({ body }) => body)).toEqual([
      { type: 'transfer', region: 'fra1' },
      { name: 'new' },
      { name: 'disk', url: 'https://bucket.example/a.gz', region: 'nyc1', tags },
      { at: '1970-01-01T00:00:00.000Z', list: [{ a: 1 }] },
    ]);
  });
});

describe('a field that the JSON of a resource leaves out', () => {
  it('is not that of Object.prototype', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }] });
    const api = sandbox.api();
    const { id } = await (await api.fetchImage(5)).transfer('fra1');
    const before = sandbox.requests.length;
    pollute('status', 'completed');
    pollute('resource_id', 99);
    const action = await api.action(id).wait();
    expect([action.completed, action.resourceId]).toEqual([true, 5]);
    expect(sandbox.requests.length).toBeGreaterThan(before);
  });
});

describe('a program whose Object.prototype gets a name that breaks the loading of modules', () => {
  it('may send its first request afterwards, which loads axios', async () => {
    const names = ['auth', 'encoding', 'get', 'path', 'prototype', 'signal', 'value', 'writable'];
    const ended = await runProgram('spec/trust/programs/polluted-before-first-request.ts', { args: names });
    expect(ended.errors).toBe('');
    expect(ended.output.split('\n')).toEqual(names.map((name) => `${name}: action 7`));
  });
});

describe('a program under node --disable-proto=delete', () => {
  it('sends its requests to the endpoint, although Object.prototype has one name more', async () => {
    const flags = ['--disable-proto=delete'];
    const ended = await runProgram('spec/trust/programs/without-proto.ts', { flags });
    expect(ended).toEqual({ output: 'image 5', errors: '', code: 0 });
  });
});

describe('an action whose type is inherited', () => {
  it('is refused before anything is sent', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }] });
    const image = sandbox.api().image(5);
    const inherited = Object.create({ type: 'transfer' }) as { type: string };
    expect(await rejection(image.act(inherited))).toBeInstanceOf(TypeError);
    pollute('type', 'transfer');
    expect(await rejection(image.act({} as { type: string }))).toBeInstanceOf(TypeError);
    expect(sandbox.requests).toEqual([]);
  });
});
