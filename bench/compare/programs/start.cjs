// Constructs a client and sends its first request.
const console = require('node:console');
const process = require('node:process');
const { client, firstId, startedAt, token, url } = require('./arguments.cjs');

/** Milliseconds since the process was spawned, and of CPU. `hrtime` is the same clock in all processes. */
function now() {
  const { user, system } = process.cpuUsage();
  return {
    wall: Number(process.hrtime.bigint() - globalThis.BigInt(startedAt)) / 1e6,
    cpu: (user + system) / 1_000,
  };
}

async function main() {
  const { get } = require(`../clients/${client}`).connect({ url, token });
  const constructed = now();
  await get?.(firstId);
  const responded = now();
  console.log(JSON.stringify({ constructed, responded, rss: process.memoryUsage.rss() }));
  process.exit();
}

void main();
