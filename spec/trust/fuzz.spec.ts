import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DOApi, DOApiError, UnknownOutcomeError } from '../../lib';
import { scaled } from '../support/scale';
import { anyMutations, mutate } from './fuzz/bodies';
import { flawOf, isTyped, PARSERS } from './fuzz/parsers';

/** The number of bodies, of parsers and clients together. FUZZ=10 in the environment takes ten times as many. */
const BODIES = scaled(100_000, 10_000) * Number(process.env.FUZZ ?? '1');
const RUNS = 0.12 * BODIES;
const CLIENT_RUNS = 0.01 * BODIES;
const SEED = process.env.FUZZ_SEED === undefined ? 2026 : Number(process.env.FUZZ_SEED);
const LONGEST = 50;

const native = Object.getOwnPropertyNames(Object.prototype).sort();
let bodies = 0;

afterAll(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(native);
});

/** Fails when work takes too long three times: once may be a busy machine. */
async function timed<T>(work: () => T | Promise<T>): Promise<T> {
  for (let chance = 1; ; chance++) {
    const start = performance.now();
    const result = await work();
    const duration = performance.now() - start;
    if (duration <= LONGEST) return result;
    if (chance === 3) throw new RangeError(`it took ${duration} ms, three times`);
  }
}

describe.each(PARSERS)('$name, mutated', ({ recorded, read }) => {
  it('is parsed to valid objects or refused with a typed error, in time, and pollutes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anyMutations, async (choices) => {
        bodies += 1;
        const text = mutate(recorded, choices);
        const result = await timed(async () => read(text)).catch((error: unknown) => {
          if (isTyped(error)) return [];
          throw error;
        });
        for (const one of result)
          if (flawOf(one) !== null) throw new TypeError(`${String(flawOf(one))}: ${text}`);
        if ('polluted' in {}) throw new TypeError(`Object.prototype: ${text}`);
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  }, 120_000);
});

describe.each([
  ['fetchImage', 0, (api: DOApi) => api.fetchImage(5)],
  ['fetchAction', 1, (api: DOApi) => api.fetchAction(5)],
  ['fetchAllImages', 2, (api: DOApi) => api.fetchAllImages({ perPage: 2 }).toArray()],
  ['transfer', 1, (api: DOApi) => api.image(5).transfer('nyc3')],
] as const)('a response to %s, mutated', (name, parser, send) => {
  it('gives a valid result or a DOApiError', async () => {
    let response = { status: 200, headers: {}, body: '' };
    let requests = 0;
    const adapter = (): Promise<typeof response> =>
      Promise.resolve(++requests > 20 ? { ...response, status: 404, body: '' } : response);
    const options = { token: 'x', retries: 0, rateLimit: false, transport: { adapter } } as const;
    const api = new DOApi({ ...options, endpoint: 'https://api.digitalocean.com' });
    const statuses = [200, 200, 200, 201, 404, 422, 500];
    await fc.assert(
      fc.asyncProperty(anyMutations, fc.constantFrom(...statuses), async (choices, status) => {
        bodies += 1;
        requests = 0;
        response = { status, headers: {}, body: mutate(PARSERS[parser]?.recorded ?? [], choices) };
        const result = await send(api).catch((error: unknown) => error);
        for (const one of [result].flat()) {
          if (one instanceof Error && !(one instanceof DOApiError)) throw one;
          if (flawOf(one) !== null) throw new TypeError(String(flawOf(one)));
        }
        const isLost = name === 'transfer' && (status === 500 || (status < 300 && result instanceof Error));
        if (isLost && !(result instanceof UnknownOutcomeError)) throw new TypeError(String(result));
      }),
      { numRuns: CLIENT_RUNS, seed: SEED, endOnFailure: true },
    );
  }, 120_000);
});

describe('all bodies', () => {
  it(`are ${BODIES}`, () => {
    expect(bodies).toBeGreaterThanOrEqual(BODIES);
  });
});
