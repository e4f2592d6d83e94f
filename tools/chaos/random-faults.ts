import type { FaultProxy } from '../support/fault-proxy';
import type { Toxic } from '../support/toxics';

/** How often the toxics change, in milliseconds. */
const INTERVAL = 40;
/** The share of connections that a toxic affects. */
const TOXICITY = 0.3;

/** Adds random toxics to a proxy, until the returned function is called. */
export function addRandomFaults(proxy: FaultProxy): () => Promise<void> {
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) {
      proxy.heal();
      for (let count = Math.floor(proxy.random() * 3); count > 0; count--)
        proxy.add({ ...chooseToxic(proxy.random), toxicity: TOXICITY });
      if (proxy.random() < 0.03) {
        await proxy.down();
        await sleep(INTERVAL / 2);
        await proxy.up();
      }
      await sleep(INTERVAL);
    }
    proxy.heal();
  };
  const running = run();
  return async () => {
    isOver = true;
    await running;
  };
}

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function chooseToxic(random: () => number): Toxic {
  const upTo = (most: number): number => Math.floor(random() * most);
  const stream = random() < 0.5 ? 'upstream' : 'downstream';
  const toxics: Toxic[] = [
    { type: 'latency', stream, attributes: { latency: upTo(80), jitter: upTo(40) } },
    { type: 'bandwidth', stream, attributes: { rate: 1 + upTo(50) } },
    { type: 'slow_close', stream, attributes: { delay: upTo(100) } },
    { type: 'timeout', stream, attributes: { timeout: random() < 0.5 ? 0 : 1 + upTo(100) } },
    { type: 'reset_peer', stream, attributes: { timeout: random() < 0.7 ? 0 : 1 + upTo(50) } },
    {
      type: 'slicer',
      stream,
      attributes: { average_size: 1 + upTo(200), size_variation: upTo(50), delay: upTo(2_000) },
    },
    { type: 'limit_data', stream, attributes: { bytes: 1 + upTo(2_000) } },
  ];
  return toxics[upTo(toxics.length)] ?? { type: 'reset_peer', attributes: { timeout: 0 } };
}
