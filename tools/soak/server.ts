/** The sandbox over HTTP in a process of its own, so that the memory of the other one is the client's alone. */
import { type Fault, Sandbox } from '../../lib/sandbox';
import { IMAGES, REGIONS } from './world';

/** Together; each kind is as likely as the others. */
const FAULTY = 0.05;
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

/** So many requests are remembered at most: nobody asks for them. */
const REMEMBERED = 1_000;

async function serve(): Promise<void> {
  let asked = 0;
  const sandbox = new Sandbox({
    regions: REGIONS,
    images: Array.from({ length: IMAGES }, (_, at) => ({ id: at + 1, regions: REGIONS.slice(0, 1) })),
    actionTime: [50, 400],
    rateLimit: false,
    onRequest: () => {
      asked += 1;
      if (asked % REMEMBERED === 0) sandbox.clearRequests();
    },
  });
  for (const [at, fault] of KINDS.entries())
    sandbox.fail({ ...fault, probability: FAULTY / KINDS.length, seed: at + 1 });
  const { url, token } = await sandbox.listen();
  process.send?.({ url, token });
  // Whoever started it has gone.
  process.once('disconnect', () => process.exit());
}

void serve();
