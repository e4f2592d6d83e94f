/**
 * Sets one property of Object.prototype after the other and runs the main job with each. Reads a plan from its standard
 * input and prints what each job gave. The servers are in another process, which is not polluted.
 */
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type * as Library from '../../../lib';
import type * as SandboxModule from '../../../lib/sandbox';
import { CANARY } from '../../../tools/support/canary';
import { keepCompiled } from '../../support/keep-compiled';

/** How the requests travel. */
export type Route = 'http' | 'https' | 'proxy' | 'tunnel' | 'sandbox';

/** One job. */
export interface PollutedJob {
  /** The property; `''`: none. */
  name: string;
  value: unknown;
  route: Route;
}

/** What the program gets. */
export interface PollutionPlan {
  /** Whether the library is loaded again for each job, after the property was set. */
  early: boolean;
  jobs: readonly PollutedJob[];
  /** On 127.0.0.1. */
  ports: { http: number; https: number; proxy: number };
  /** The certificate of the `https:` server. */
  ca: string;
}

type Loaded = Pick<typeof Library, 'DOApi'> & Pick<typeof SandboxModule, 'Sandbox'>;

keepCompiled();

/* eslint-disable @typescript-eslint/no-require-imports -- loaded again and again */
function load(): Loaded {
  // Otherwise this module keeps all that it has ever loaded in memory.
  module.children.length = 0;
  for (const path of Object.keys(require.cache))
    if (/\/lib\/|\/node_modules\/(?!typescript)/.test(path)) Reflect.deleteProperty(require.cache, path);
  const { DOApi } = require('../../../lib') as typeof Library;
  const { Sandbox } = require('../../../lib/sandbox') as typeof SandboxModule;
  return { DOApi, Sandbox };
}
/* eslint-enable @typescript-eslint/no-require-imports */

/** List, get, transfer, wait, update, import and delete. @param marker tells the servers which job it is */
async function run(
  { DOApi, Sandbox }: Loaded,
  route: Route,
  marker: string,
  { ports, ca }: PollutionPlan,
): Promise<unknown> {
  const sandbox = new Sandbox({
    images: [{ id: 5, name: 'golden', regions: ['nyc1'] }, { id: 6 }],
    actions: [{ id: 4, resource_id: 6 }],
  });
  const isSecure = route === 'https' || route === 'tunnel';
  const proxy = { host: '127.0.0.1', port: ports.proxy, auth: { username: 'me', password: 'secret' } };
  const httpsAgent = new https.Agent({ keepAlive: true, ca });
  const api =
    route === 'sandbox'
      ? sandbox.api({ retries: 1 })
      : new DOApi({
          token: CANARY,
          endpoint: isSecure ? `https://127.0.0.1:${ports.https}` : `http://127.0.0.1:${ports.http}`,
          userAgent: marker,
          waitInterval: 1,
          retries: 0,
          timeout: 1_000,
          rateLimit: { perMinute: Infinity, perHour: Infinity },
          transport: {
            ...(isSecure && { httpsAgent }),
            proxy: route === 'proxy' || route === 'tunnel' ? proxy : false,
          },
        });
  if (route === 'sandbox') sandbox.fail({ with: 'status', status: 503, times: 1 });
  try {
    const listed = await api.fetchAllPrivateImages().toArray();
    const image = await api.fetchImage(5);
    const action = await image.transfer('fra1');
    const { id, status, type } = await action.wait();
    const renamed = await image.update({ name: 'golden' });
    const url = 'https://bucket.example/disk.gz';
    const created = await api.createCustomImage({ name: 'import', url, region: 'nyc1' });
    await image.delete();
    // How often is polled depends on chance.
    const requests = new Set(
      sandbox.requests.map(({ method, path, query, body }) => JSON.stringify({ method, path, query, body })),
    );
    return {
      listed: listed.map((one) => one.toJSON()),
      images: [image, renamed, created].map((one) => ({ ...one.toJSON(), created_at: null })),
      action: { id, status, type },
      requests,
    };
  } finally {
    await api.close();
    httpsAgent.destroy();
  }
}

/** Sets the property as an assignment does. @returns a function that removes it */
function pollute({ name, value }: PollutedJob): () => void {
  if (name === '') return () => undefined;
  const property = { __proto__: null, value, configurable: true, writable: true, enumerable: true };
  Object.defineProperty(Object.prototype, name, property as PropertyDescriptor);
  return () => void Reflect.deleteProperty(Object.prototype, name);
}

async function main(): Promise<void> {
  // The pauses between polls vary, and with them the number of polls.
  Math.random = () => 0.5;
  const plan = JSON.parse(readFileSync(0, 'utf8')) as PollutionPlan;
  let library = load();
  // What Node itself loads with the first request is not loaded under pollution.
  for (const route of ['http', 'https', 'tunnel'] as const) await run(library, route, 'first/1', plan);
  const results: unknown[] = [];
  let uncaught: string[] = [];
  process.on('uncaughtException', (error) => uncaught.push(String(error)));
  for (const [index, job] of plan.jobs.entries()) {
    const before = plan.jobs[index - 1];
    const undo = pollute(job);
    let result: unknown;
    try {
      if (plan.early && (job.name !== before?.name || job.value !== before.value)) library = load();
      result = await run(library, job.route, `job-${index}/1`, plan);
    } catch (error) {
      result = error;
    }
    undo();
    results.push([result instanceof Error ? String(result) : result, ...uncaught]);
    uncaught = [];
  }
  process.stdout.write(JSON.stringify(results), () => process.exit());
}

void main();
