// Fetches images with several builds of the library, in turns: measures the CPU of each.
const process = require('node:process');
const { tracingChannel } = require('node:diagnostics_channel');
const { batch, firstId, isSubscribed, rounds, token, url, ...own } = require('./arguments.cjs');
const { measured, report } = require('./measured.cjs');

const AT_ONCE = 16;
const BUILDS = ['without', 'again', 'with'];

async function main() {
  const clients = BUILDS.map((build) => {
    const { DOApi } = require(own[build]);
    // Each build would take the requests of the others for those of other programs, and slow down.
    return new DOApi({ token, endpoint: url, rateLimit: false });
  });
  if (isSubscribed) {
    const listener = () => undefined;
    const listeners = {
      start: listener,
      end: listener,
      asyncStart: listener,
      asyncEnd: listener,
      error: listener,
    };
    for (const name of ['call', 'attempt', 'wait']) tracingChannel(`doapi-ts:${name}`).subscribe(listeners);
  }
  const found = Object.fromEntries(BUILDS.map((build) => [build, []]));
  for (let round = 0; round < rounds; round++) {
    // Each build is the first, the second and the last in turn.
    for (let turn = 0; turn < BUILDS.length; turn++) {
      const at = (round + turn) % BUILDS.length;
      const { cpu } = await measured(() => fetchSome(clients[at]));
      // The first round is slower, until the code is compiled.
      if (round > 0) found[BUILDS[at]].push(cpu);
    }
  }
  report(found);
}

function fetchSome(api) {
  let sent = 0;
  const one = async () => {
    while (sent < batch) {
      const id = firstId + (sent++ % 10_000);
      if ((await api.fetchImage(id)).id !== id) throw new Error(`another image than ${id}`);
    }
  };
  return Promise.all(Array.from({ length: AT_ONCE }, one));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
