// Makes and drops many requests or managers, or keeps many waits: measures the heap.
const process = require('node:process');
const { setImmediate } = require('node:timers/promises');
const { count, what } = require('./arguments.cjs');
const { report } = require('./measured.cjs');
const { DOApi } = require(process.env.BENCH_LIBRARY);

const TOKEN = 'dop_v1_bench';
const BODY = '{"image":{"id":5,"name":"web","regions":["nyc1"],"created_at":"2026-01-01T00:00:00Z"}}';
/** A little more than 3,600 s for 4,900 requests: the default limits delay none. */
const BETWEEN_REQUESTS = 750;

/** Time that passes by requests only, so that days of them take a minute. */
let time = 1_234.5;
const clock = { now: () => time, date: () => Date.UTC(2026) + time, after: () => () => undefined };

const responding = async () => {
  time += BETWEEN_REQUESTS;
  return { status: 200, headers: { 'ratelimit-limit': '5000', 'ratelimit-remaining': '4000' }, body: BODY };
};

const managerOf = (token, adapter) => new DOApi({ token, clock, transport: { adapter } });

async function heap() {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** The heap after a tenth of the work, and after all of it. */
async function growing(one) {
  const found = [];
  for (let part = 0; part < 10; part++) {
    for (let at = 0; at < count / 10; at++) await one();
    if (part === 0 || part === 9) found.push(await heap());
  }
  return found;
}

const WORK = {
  requests: () => {
    const api = managerOf(TOKEN, responding);
    return growing(() => api.fetchImage(5));
  },
  managers: () => growing(() => managerOf(TOKEN, responding).fetchImage(5)),
  /** Waits whose first poll is not answered. */
  waits: async () => {
    const api = managerOf(TOKEN, () => new Promise(() => undefined));
    const actions = Array.from({ length: count }, (_, at) =>
      api.action({
        id: at + 1,
        status: 'in-progress',
        resource_type: 'image',
        resource_id: 1 + (at % 1_000),
      }),
    );
    const before = await heap();
    const waits = actions.map((action) => action.wait());
    const after = await heap();
    if (waits.length !== count) throw new Error('unreachable');
    return [before, after];
  },
};

void WORK[what]().then(([first, last]) => report({ first, last }));
