import { DeniedScopes } from '../../lib/http/denied-scopes';
import { Reporter, type RequestEvent, type ResponseEvent, type RetryEvent } from '../../lib/http/hooks';
import { HttpClient, type HttpClientOptions } from '../../lib/http/client';
import type { Call } from '../../lib/model/requester';
import { Token, type TokenSource } from '../../lib/http/token';
import { DEADLINE, TestClock, TIMEOUT } from './test-clock';

/** Looks like a real token, so that it must be hidden. */
export const TOKEN = `dop_v1_${'5ec2e7'.repeat(10)}abcd`;

/** An event of a hook. */
export type HookEvent = ['request', RequestEvent] | ['response', ResponseEvent] | ['retry', RetryEvent];

interface Client {
  http: HttpClient;
  clock: TestClock;
  events: HookEvent[];
}

interface ClientOptions extends Partial<Omit<HttpClientOptions, 'token' | 'clock'>> {
  token?: TokenSource;
  clock?: TestClock;
}

/** An HttpClient without a manager, with a clock that passes delays at once, and the events of its hooks. */
export function aClient({ token = TOKEN, clock = new TestClock(), ...options }: ClientOptions = {}): Client {
  const events: HookEvent[] = [];
  const hooks = {
    onRequest: (event: RequestEvent) => void events.push(['request', event]),
    onResponse: (event: ResponseEvent) => void events.push(['response', event]),
    onRetry: (event: RetryEvent) => void events.push(['retry', event]),
  };
  const http = new HttpClient({
    token: new Token(token),
    clock,
    timeout: TIMEOUT,
    deadline: DEADLINE,
    queueTimeout: Infinity,
    retries: 3,
    transport: { proxy: false },
    reporter: new Reporter(hooks, undefined),
    signal: new AbortController().signal,
    endpoint: 'https://api.digitalocean.com',
    rateLimits: null,
    userAgent: 'a spec',
    scopeOf: () => null,
    deniedScopes: new DeniedScopes(clock),
    ...options,
  });
  return { http, clock, events };
}

/** A call that returns the parsed body. */
export function aCall(call: Partial<Call<unknown>> = {}): Call<unknown> {
  return { read: (body) => body, ...call };
}

/** One call of each kind that the retry rules distinguish. */
export const OPERATIONS = {
  GET: aCall(),
  PUT: aCall({ method: 'PUT', body: { name: 'new' } }),
  DELETE: aCall({ method: 'DELETE' }),
  'idempotent POST': aCall({ method: 'POST', body: { name: 'tag' }, idempotent: true }),
  POST: aCall({ method: 'POST', body: { type: 'convert' } }),
} as const;

export type Operation = keyof typeof OPERATIONS;

/** Waits until pending promises and I/O callbacks have run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves as soon as `condition` holds; jest's timeout ends a spec for which it never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
