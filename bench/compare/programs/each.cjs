// All images one by one, none kept: how fast, and in how much memory.
const { performance } = require('node:perf_hooks');
const process = require('node:process');
const { every, times, total, warmUp } = require('./told.cjs');
const { measured, run } = require('./measured.cjs');

run(async ({ each }) => {
  let left = warmUp;
  while (left > 0) await each(() => --left > 0);

  const memory = [];
  const listings = [];
  for (let time = 0; time < times; time++) {
    let [seen, aside] = [0, 0];
    const { wall, cpu } = await measured(() =>
      each(() => {
        seen += 1;
        if (seen % every === 0) aside += weigh(memory);
        return true;
      }),
    );
    if (seen !== total) throw new Error(`${seen} images of ${total}`);
    listings.push({ wall: wall - aside, cpu: cpu - aside });
  }
  return { listings, memory, maxRss: process.resourceUsage().maxRSS * 1024 };
});

/** What is held when nothing is left to be thrown away. Returns how long the look took. */
function weigh(memory) {
  const start = performance.now();
  globalThis.gc();
  memory.push(process.memoryUsage().heapUsed);
  return performance.now() - start;
}
