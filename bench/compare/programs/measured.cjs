const console = require('node:console');
const process = require('node:process');
const { performance } = require('node:perf_hooks');
const { client, limits, token, url } = require('./told.cjs');

/** What some work costs: milliseconds on the clock, and of this process on all CPUs. */
exports.measured = async (work) => {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1_000 };
};

/** Connects the client, runs the program with it, and tells what it found. */
exports.run = async (program) => {
  const { connect } = await import(`../clients/${client}`);
  exports.tell(await program(connect({ url, token, limits })));
};

exports.tell = (found) => {
  console.log(JSON.stringify({ rss: process.memoryUsage.rss(), ...found }));
  // Some keep connections, timers or threads.
  process.exit();
};
