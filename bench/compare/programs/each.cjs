// Iterates over all images and keeps none: measures speed and memory.
const { performance } = require('node:perf_hooks');
const process = require('node:process');
const { every, times, total, warmUp } = require('./arguments.cjs');
const { measured, run } = require('./measured.cjs');

run(async ({ each }) => {
  let left = warmUp;
  while (left > 0) await each(() => --left > 0);

  const memory = [];
  const listings = [];
  for (let time = 0; time < times; time++) {
    let [seen, weighing] = [0, 0];
    const { wall, cpu } = await measured(() =>
      each(() => {
        seen += 1;
        if (seen % every === 0) weighing += weigh(memory);
        return true;
      }),
    );
    if (seen !== total) throw new Error(`${seen} images of ${total}`);
    listings.push({ wall: wall - weighing, cpu: cpu - weighing });
  }
  return { listings, memory, maxRss: process.resourceUsage().maxRSS * 1024 };
});

/** Adds the heap after garbage collection. Returns the milliseconds that it took. */
function weigh(memory) {
  const start = performance.now();
  globalThis.gc();
  memory.push(process.memoryUsage().heapUsed);
  return performance.now() - start;
}
