// Like start.cjs, as an ES module.
import console from 'node:console';
import process from 'node:process';

const { client, firstId, startedAt, token, url } = JSON.parse(process.argv[2]);

function now() {
  const { user, system } = process.cpuUsage();
  return {
    wall: Number(process.hrtime.bigint() - globalThis.BigInt(startedAt)) / 1e6,
    cpu: (user + system) / 1_000,
  };
}

const { connect } = await import(`../clients/${client}`);
const { get } = connect({ url, token });
const constructed = now();
await get?.(firstId);
const responded = now();
console.log(JSON.stringify({ constructed, responded, rss: process.memoryUsage.rss() }));
process.exit();
