/**
 * Sets one property of Object.prototype after the other and runs the main job with each. Its standard input says with
 * which; it prints what each job gave. The servers are in another process, which is not polluted.
 */
import { readFileSync, writeSync } from 'node:fs';
import https from 'node:https';
import type { Image } from '../../../lib';
import { CANARY } from '../../../tools/support/canary';

/** What the program gets. */
export interface PollutionPlan {
  /** Set before the library is loaded, or after. */
  early: boolean;
  cases: readonly { name: string; value: number; route: PollutedRoute }[];
  /** Ports on 127.0.0.1. */
  ports: { http: number; https: number; proxy: number };
  /** The certificate of the `https:` server. */
  ca: string;
}

/** How the requests travel. */
export type PollutedRoute = 'http' | 'https' | 'proxy' | 'tunnel' | 'sandbox';

/** What a polluted property may hold: whatever JSON can say, and a function. */
export const VALUES: readonly unknown[] = [
  '127.0.0.2',
  1,
  true,
  false,
  null,
  { evil: true, host: '127.0.0.2' },
  ['127.0.0.2'],
  () => undefined,
];

const plan = (): PollutionPlan => JSON.parse(readFileSync(0, 'utf8')) as PollutionPlan;

function load(fresh: boolean): typeof import('../../../lib') & typeof import('../../../lib/sandbox') {
  if (fresh)
    for (const path of Object.keys(require.cache))
      if (/\/lib\/|\/node_modules\/(?!typescript)/.test(path)) Reflect.deleteProperty(require.cache, path);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded again for each case
  return { ...require('../../../lib'), ...require('../../../lib/sandbox') };
}

/** Copies what a server says, without what differs from case to case. */
const facts = ({ id, name, regions, tags, description, createdAt }: Image): unknown => ({
  id,
  name,
  regions,
  tags,
  description,
  createdAt,
});

async function job(
  route: PollutedRoute,
  marker: string,
  { ports, ca }: PollutionPlan,
  library: ReturnType<typeof load>,
): Promise<unknown> {
  const { DOApi, Sandbox } = library;
  const settings = { userAgent: marker, rateLimit: { perMinute: Infinity, perHour: Infinity }, waitInterval: 1, retries: 0, timeout: 2_000 };
  const proxy = { host: '127.0.0.1', port: ports.proxy, auth: { username: 'me', password: 'secret' } };
  const sandbox = route === 'sandbox' ? new Sandbox({ images: [{ id: 5, name: 'golden', regions: ['nyc1'] }, { id: 6 }] }) : null;
  const isSecure = route === 'https' || route === 'tunnel';
  const options = {
    ...settings,
    token: CANARY,
    endpoint: isSecure ? `https://127.0.0.1:${ports.https}` : `http://127.0.0.1:${ports.http}`,
    transport: {
      ...(isSecure && { httpsAgent: new https.Agent({ keepAlive: true, ca }) }),
      ...(route === 'proxy' || route === 'tunnel' ? { proxy } : { proxy: false as const }),
    },
  };
  const api = sandbox ? sandbox.api({ retries: 0 }) : new DOApi(options);
  try {
    const listed = await api.fetchAllPrivateImages().toArray();
    const image = await api.fetchImage(5);
    const action = await image.transfer('fra1');
    const ended = await action.wait();
    await image.delete();
    const requests = sandbox?.requests.map(({ method, path, query, body, status }) => ({ method, path, query, body, status }));
    return { listed: listed.map(facts), image: facts(image), ended: [ended.id, ended.status, ended.type], requests };
  } finally {
    await api.close();
    if (isSecure) (options.transport.httpsAgent as https.Agent).destroy();
  }
}

function pollute(name: string, value: unknown): () => void {
  Object.defineProperty(Object.prototype, name, { __proto__: null, value, configurable: true, writable: true, enumerable: true } as PropertyDescriptor);
  return () => void Reflect.deleteProperty(Object.prototype, name);
}

const { setTimeout } = globalThis;
const hang = (): Promise<string> => new Promise((r) => setTimeout(() => r('HANGS'), 5_000));

async function main(): Promise<void> {
  const all = plan();
  let library = load(false);
  for (const route of ['http','https','sandbox'] as const) await job(route, 'warm-up/1', all, library).catch(String);
  const results: unknown[] = [];
  const uncaught: string[] = [];
  process.on('uncaughtException', (e) => uncaught.push(String(e.stack)));
  process.on('unhandledRejection', (e) => uncaught.push(String(e)));
  for (const [index, { name, value, route }] of all.cases.entries()) {
    const undo = name === '' ? () => undefined : pollute(name, VALUES[value]);
    let result: unknown;
    try {
      if (all.early) library = load(true);
      if (process.env.TRACE) writeSync(2, `${name} ${value}\n`);
      result = await Promise.race([job(route, `case-${index}/1`, all, library), hang()]);
    } catch (error) {
      result = error;
    }
    undo();
    const out = result instanceof Error ? (process.env.STACK ? result.stack : String(result)) : result;
    results.push([out, ...uncaught.splice(0)]);
  }
  process.stdout.write(JSON.stringify(results), () => process.exit());
}

if (require.main === module) void main();
