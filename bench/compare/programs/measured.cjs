const console = require('node:console');
const process = require('node:process');
const { performance } = require('node:perf_hooks');
const { client, limits, token, url } = require('./arguments.cjs');

/** Runs work and returns its wall-clock and CPU time, in milliseconds. */
exports.measured = async (work) => {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1_000 };
};

/** Connects the client, runs the program with it, and reports the result. */
exports.run = async (program) => {
  const { connect } = await import(`../clients/${client}`);
  exports.report(await program(connect({ url, token, limits })));
};

exports.report = (found) => {
  console.log(JSON.stringify({ rss: process.memoryUsage.rss(), ...found }));
  // Some clients keep connections, timers or threads.
  process.exit();
};
