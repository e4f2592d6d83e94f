import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DOApi, type TransportAdapter } from '../../../lib';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const images = Array.from({ length: 3 }, (_, index) => ({ id: index + 1 }));
const adapter: TransportAdapter = () =>
  Promise.resolve({ status: 200, headers: {}, body: JSON.stringify({ images, meta: { total: 300 } }) });

/** Outlives all managers. */
const { signal } = new AbortController();

/** Creates managers, begins an iteration of each kind with each, and drops them as they are. */
async function dropManagers(count: number): Promise<void> {
  for (let nth = 0; nth < count; nth++) {
    const api = new DOApi({ token: 'x'.repeat(20), signal, rateLimit: false, transport: { adapter } });
    const done = [1, 2].map((id) => api.action({ id, status: 'completed' }));
    const listing = api.fetchAllImages({ signal, perPage: 3 });
    await listing[Symbol.asyncIterator]().next();
    await listing.pages({ signal }).next();
    await api.waitActions(done, { signal }).next();
  }
}

async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

/** Prints the bytes that each dropped manager leaves, and the listeners that all of them leave. */
async function measure(count: number): Promise<void> {
  await dropManagers(500);
  const before = await heapUsed();
  await dropManagers(count);
  const bytes = ((await heapUsed()) - before) / count;
  console.log(JSON.stringify({ bytes, listeners: getEventListeners(signal, 'abort').length }));
}

void measure(Number(process.argv[2]));
