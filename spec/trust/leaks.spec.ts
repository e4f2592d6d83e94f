import { describe, expect, it } from '@jest/globals';
import { DOApi, type DOApiOptions, Image, ImageImportError, UnknownOutcomeError } from '../../lib';
import { type Fault, Sandbox } from '../../lib/sandbox';
import { rejection } from '../support/rejection';
import { runProgram } from '../support/program';
import { CANARY, traceIn } from '../../tools/support/canary';
import { type Context, textIn, SINKS } from '../../tools/support/sinks';

/** The text of a value in all sixteen places. */
const everywhere = (value: unknown, context: Partial<Context> = {}): string =>
  Object.values(SINKS)
    .map((sink) => textIn(sink, value, { reported: [], related: [], ...context }))
    .join('\n');

describe('the search for the token', () => {
  it.each([
    ['as it is', CANARY],
    ['a part of 12 characters', CANARY.slice(31, 43)],
    ['in base64', Buffer.from(`Bearer ${CANARY}`).toString('base64')],
    ['in base64url', Buffer.from(`x${CANARY}`).toString('base64url')],
    ['percent-encoded', Buffer.from(CANARY).toString('hex').replace(/../g, '%$&')],
  ])('finds it %s, in every place', (_how, text) => {
    const error = Object.assign(new Error(text), { config: { headers: { authorization: text } } });
    const context = { reported: [text], related: [{ text }] };
    for (const [name, sink] of Object.entries(SINKS))
      expect([name, traceIn(textIn(sink, error, context))]).toEqual([name, expect.any(String)]);
  });

  it('finds it behind symbols, getters, prototypes, causes and in maps', () => {
    class Hidden {
      get late(): string {
        return CANARY;
      }
    }
    const hidden = [
      { [Symbol('s')]: CANARY },
      Object.create(new Hidden()) as object,
      new Error('outer', { cause: { deep: [CANARY] } }),
      new AggregateError([{ CANARY }]),
      new Map([[CANARY, 1]]),
      Object.defineProperty({}, 'quiet', { value: CANARY }),
    ];
    for (const one of hidden) expect(traceIn(everywhere(one))).not.toBeNull();
  });

  it('finds nothing where there is no token', () => {
    expect(traceIn(everywhere(new Error(CANARY.slice(0, 11))))).toBeNull();
  });
});

describe('an invalid token', () => {
  it.each([
    ['a newline inside', `${CANARY.slice(0, 40)}\n${CANARY.slice(40)}`],
    ['a header behind it', `${CANARY}\r\nx-evil: 1`],
    ['a space', `${CANARY} ${CANARY}`],
    ['é', `${CANARY}é`],
    ['a control character', `${CANARY}\u0007`],
    ['the prefix of a refresh token', `dor_v1_${CANARY.slice(7)}`],
  ])('is refused and not shown: %s', async (_what, token) => {
    const sandbox = new Sandbox();
    let error: unknown;
    try {
      sandbox.api({ token });
    } catch (thrown) {
      error = thrown;
    }
    const late = await rejection(sandbox.api({ token: () => token }).fetchImage(5));
    for (const refusal of [error, late]) {
      expect(refusal).toBeInstanceOf(TypeError);
      expect(traceIn(everywhere(refusal))).toBeNull();
    }
    expect(sandbox.requests).toEqual([]);
  });
});

describe('a token function that fails', () => {
  it.each([
    ['a token not seen before', CANARY],
    ['one without a prefix', CANARY.slice(7)],
    ['one in base64', Buffer.from(CANARY).toString('base64')],
  ])('rejects without the secret that its error contains: %s', async (_what, secret) => {
    const vault = Object.assign(new Error(`cannot renew ${secret}`), { secret, cause: { secret } });
    const token = (): Promise<string> => Promise.reject(vault);
    const error = await rejection(new Sandbox().api({ token }).fetchImage(5));
    expect(traceIn(everywhere(error))).toBeNull();
    expect(String(error)).toContain('the token function failed: cannot renew [token]');
  });
});

describe('the URL of an import', () => {
  const SECRET = '5ec2e7f00dpresigned';
  const url = `https://bucket.invalid/disk.gz?X-Amz-Signature=${SECRET}&X-Amz-Credential=${SECRET}`;
  const echo = `URL ${url} is not valid.`;

  const faults: Fault[] = [
    { with: 'status', status: 422, id: 'unprocessable_entity', message: echo },
    { with: 'status', status: 503, message: echo },
    { with: 'status-after-execution', status: 500, message: echo },
    { with: 'html', status: 504 },
    { with: 'status', status: 400, body: `<html>${echo}</html>` },
    { with: 'reset-after-execution' },
    { with: 'truncated-json' },
    { with: 'wrong-types' },
    { with: 'oversized' },
    { with: 'redirect', to: url },
    { with: 'altered', alter: () => ({ image: { id: 5, name: 5, note: echo } }) },
    { with: 'altered', alter: () => ({ image: echo }) },
  ];

  it.each(faults)('is reported without its query: $with', async (fault) => {
    const sandbox = new Sandbox();
    const reported: unknown[] = [];
    const report = (event: unknown): void => void reported.push(event);
    const log = (message: string, data?: object): void => void reported.push([message, data]);
    const api = sandbox.api({
      onRequest: report,
      onResponse: report,
      onRetry: report,
      logger: { debug: log, info: log, warn: log, error: log },
    });
    sandbox.fail({ on: 'POST /v2/images', ...fault });
    const created = api.createCustomImage({ name: 'mine', url, region: 'nyc3' });
    // What was carried out is found, and returned.
    const outcome = await created.catch((error: unknown) => error);
    expect(outcome instanceof Image).toBe(sandbox.images.some(({ name }) => name === 'mine'));
    expect(reported.length).toBeGreaterThan(1);
    expect(everywhere(outcome, { reported, related: [api] })).not.toContain(SECRET);
    if (!(outcome instanceof UnknownOutcomeError)) return;
    const found: unknown = await outcome.reconcile();
    expect(everywhere(found, { reported })).not.toContain(SECRET);
  });

  it('is not in the error of a failed import, although DigitalOcean quotes it', async () => {
    const api = new Sandbox().api();
    const image = await api.createCustomImage({ name: 'mine', url, region: 'nyc3' });
    const error = await rejection(image.waitUntilAvailable());
    expect(error).toBeInstanceOf(ImageImportError);
    expect(String(error)).toContain(
      'Could not download the image from https://bucket.invalid/disk.gz?[query]',
    );
    const { image: failed, message, stack } = error as ImageImportError;
    expect(message + (stack ?? '') + JSON.stringify(error)).not.toContain(SECRET);
    expect(textIn(SINKS['util.inspect'] ?? String, error, { reported: [], related: [] })).not.toContain(
      SECRET,
    );
    // The message of DigitalOcean itself is not changed.
    expect(failed.errorMessage).toContain(SECRET);
  });

  it.each(['ftp://bucket/disk?secret', SECRET, `//bucket/${SECRET}`, `javascript:${SECRET}`])(
    'is refused and not shown: %s',
    async (wrong) => {
      const api = new Sandbox().api();
      const error = await rejection(api.createCustomImage({ name: 'mine', url: wrong, region: 'nyc3' }));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).not.toContain(SECRET);
    },
  );
});

describe('a token over plain HTTP', () => {
  const make = (endpoint: string): DOApi => new DOApi({ token: CANARY, endpoint });

  it.each([
    'http://api.digitalocean.com',
    'http://10.0.0.1:8080',
    'http://0.0.0.0:80',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'http://127.0.0.1@evil.example',
    'http://[::2]',
    'http://128.0.0.1',
    'ws://127.0.0.1',
    'ftp://localhost',
    'file:///etc/passwd',
    'data:text/plain,x',
  ])('is refused: %s', (endpoint) => {
    expect(() => make(endpoint)).toThrow(TypeError);
  });

  it.each([
    'http://localhost:1',
    'http://127.0.0.1:1',
    'http://127.9.9.9',
    'http://[::1]:1',
    'https://x.example',
  ])('is allowed to this machine, and over HTTPS: %s', (endpoint) => {
    expect(make(endpoint).endpoint).toBe(endpoint);
  });
});

describe('a program that prints every failure, with DEBUG=*', () => {
  it('does not print the token in an error, warning, unhandled rejection or trace', async () => {
    const env = { DEBUG: '*', NODE_OPTIONS: '--trace-warnings --unhandled-rejections=warn' };
    const { output, errors, code } = await runProgram('spec/trust/programs/fail-aloud.ts', { env });
    expect(output).toContain('met 24 failures');
    expect(errors).toContain('UnhandledPromiseRejectionWarning');
    expect(code).toBe(0);
    expect(traceIn(output)).toBeNull();
    expect(traceIn(errors)).toBeNull();
  }, 60_000);
});

describe('the manager', () => {
  it('does not show the token, and neither do its resources', async () => {
    const options: DOApiOptions = { token: CANARY };
    const sandbox = new Sandbox();
    const api = sandbox.api(options);
    await api.fetchAllImages().first();
    const images = await api.fetchAllImages().toArray();
    expect(traceIn(everywhere(api, { related: [...images.slice(0, 3), api.fetchAllImages()] }))).toBeNull();
    expect(traceIn(everywhere(await api.fetchAllRegions().first()))).toBeNull();
  });
});
