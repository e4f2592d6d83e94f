import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DOApi, DOApiError, UnknownOutcomeError } from '../../lib';
import { anyMutations, mutate } from './fuzz/bodies';
import { flawOf, isTyped, PARSERS } from './fuzz/parsers';

/** Together with the whole client below, 100,000. FUZZ=10 takes ten times as many. */
const TIMES = Number(process.env.FUZZ ?? '1');
const RUNS = 12_000 * TIMES;
const CLIENT_RUNS = 1_000 * TIMES;
const SEED = process.env.FUZZ_SEED === undefined ? 2026 : Number(process.env.FUZZ_SEED);
const LONGEST = 50;

const native = Object.getOwnPropertyNames(Object.prototype).sort();
let bodies = 0;

afterAll(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(native);
});

/** A machine may be busy: who was slow once gets another chance. */
async function timed<T>(work: () => T | Promise<T>): Promise<T> {
  for (let chance = 1; ; chance++) {
    const began = performance.now();
    const result = await work();
    const took = performance.now() - began;
    if (took <= LONGEST) return result;
    if (chance === 3) throw new RangeError(`it took ${took} ms, three times`);
  }
}

describe.each(PARSERS)('$name, however mangled', ({ recorded, read }) => {
  it('is read soundly or refused with a reason, at once, and changes nothing else', async () => {
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
] as const)('an answer to %s, however mangled', (name, parser, ask) => {
  it('is a sound result or an error of ours', async () => {
    let answer = { status: 200, headers: {}, body: '' };
    let asked = 0;
    const adapter = (): Promise<typeof answer> =>
      Promise.resolve(++asked > 20 ? { ...answer, status: 404, body: '' } : answer);
    const options = { token: 'x', retries: 0, rateLimit: false, transport: { adapter } } as const;
    const api = new DOApi({ ...options, endpoint: 'https://api.digitalocean.com' });
    const statuses = [200, 200, 200, 201, 404, 422, 500];
    await fc.assert(
      fc.asyncProperty(anyMutations, fc.constantFrom(...statuses), async (choices, status) => {
        bodies += 1;
        asked = 0;
        answer = { status, headers: {}, body: mutate(PARSERS[parser]?.recorded ?? [], choices) };
        const result = await ask(api).catch((error: unknown) => error);
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

describe('all of them', () => {
  it('were 100,000 bodies', () => {
    expect(bodies).toBeGreaterThanOrEqual(100_000 * TIMES);
  });
});
