/** The sandbox over HTTP, in its own process: the memory that is measured is the client's alone. */
import { type Fault, Sandbox } from '../../lib/sandbox';
import { IMAGES, REGIONS } from './account';

/** The share of requests that meet a fault. */
const FAULT_RATE = 0.05;
const KINDS: readonly Fault[] = [
  { with: 500 },
  { with: 503 },
  { with: 'html', status: 502 },
  { with: 'reset-before-execution' },
  { with: 'reset-after-execution' },
  { with: 'stall-before-execution' },
  { with: 'stall-in-body' },
  { with: 'cut-in-body' },
  { with: 'truncated-json' },
  { with: 'not-http' },
];

/** The record of requests is cleared after this many. */
const MAX_RECORDED = 1_000;

async function serve(): Promise<void> {
  let requests = 0;
  const sandbox = new Sandbox({
    regions: REGIONS,
    images: Array.from({ length: IMAGES }, (_, at) => ({ id: at + 1, regions: REGIONS.slice(0, 1) })),
    actionTime: [50, 400],
    rateLimit: false,
    onRequest: () => {
      requests += 1;
      if (requests % MAX_RECORDED === 0) sandbox.clearRequests();
    },
  });
  for (const [at, fault] of KINDS.entries())
    sandbox.fail({ ...fault, probability: FAULT_RATE / KINDS.length, seed: at + 1 });
  const { url, token } = await sandbox.listen();
  process.send?.({ url, token });
  // The parent process has exited.
  process.once('disconnect', () => process.exit());
}

void serve();
