import type { TransportAdapter } from '../../lib';
import { type Fault, Sandbox } from '../../lib/sandbox';
import { CANARY } from '../support/canary';

/** What happens to a POST. */
export interface Fate {
  name: string;
  /** Whether the API carries it out, as far as the fault is concerned. */
  executes: boolean;
  /** Whether nobody can tell from the answer. */
  isAmbiguous: boolean;
  /** Only the first attempt meets it. */
  isPassing?: boolean;
  fault?: Fault;
}

const after = (name: string, fault: Fault): Fate => ({ name, executes: true, isAmbiguous: true, fault });
const before = (name: string, fault: Fault): Fate => ({ name, executes: false, isAmbiguous: true, fault });

const STATUSES = [500, 502, 503, 504, 505, 520];

/** Carried out, and then the answer is lost in one of these ways. */
const AFTER: readonly Fate[] = [
  after('RST', { with: 'reset-after-execution' }),
  after('FIN in the body', { with: 'cut-in-body' }),
  after('stall', { with: 'stall-after-execution' }),
  after('stall in the body', { with: 'stall-in-body' }),
  ...STATUSES.map((status) => after(String(status), { with: 'status-after-execution', status })),
  after('truncated 201', { with: 'truncated-json' }),
  after('empty 201', { with: 'empty' }),
  after('201 of another shape', { with: 'wrong-root' }),
  after('201 over the limit', { with: 'oversized' }),
  // The sandbox redirects before it does anything; see `lossy`.
  { name: '307', executes: true, isAmbiguous: false },
];

const BEFORE: readonly Fate[] = [
  before('RST before', { with: 'reset-before-execution' }),
  before('stall before', { with: 'stall-before-execution' }),
  before('503 before', { with: 503 }),
  before('not HTTP', { with: 'not-http' }),
];

const PASSING: readonly Fate[] = [
  { name: 'refused', executes: true, isAmbiguous: false, isPassing: true, fault: { with: 'refused' } },
  { name: '429', executes: true, isAmbiguous: false, isPassing: true, fault: { with: 'burst-limit' } },
  { name: 'nothing', executes: true, isAmbiguous: false },
];

export const FATES: readonly Fate[] = [...AFTER, ...BEFORE, ...PASSING];

/** Four of five are carried out and lost. */
export function chooseFate(random: () => number): Fate {
  const kind = random();
  const fates = kind < 0.8 ? AFTER : kind < 0.9 ? BEFORE : PASSING;
  return fates[Math.floor(random() * fates.length)] ?? BEFORE[0] ?? fail();
}

function fail(): never {
  throw new Error('there are no fates');
}

/** The kinds of POST that must not happen twice. */
export const KINDS = ['transfer', 'convert', 'createCustomImage'] as const;
export type Kind = (typeof KINDS)[number];

export const FIRST_IMAGE = 1_001;
export const nameOf = (index: number): string => `import number ${index}.`;

/** Which call a POST belongs to: each has an image of its own, or a name. */
function indexOf({ path, body }: { path: string; body: unknown }): number {
  const image = /^\/v2\/images\/(\d+)\/actions$/.exec(path)?.[1];
  if (image !== undefined) return Number(image) - FIRST_IMAGE;
  return Number(/(\d+)\.$/.exec(String((body as { name?: unknown } | undefined)?.name))?.[1] ?? NaN);
}

/** A sandbox in which each POST meets the fate of its call. */
export interface Lossy {
  sandbox: Sandbox;
  adapter: TransportAdapter;
  /** How often the POST of each call was carried out. */
  executions: () => number[];
}

export function lossy(kind: Kind, fates: readonly Fate[], lag: number): Lossy {
  const sandbox = new Sandbox({
    images: fates.map((_, index) => ({
      id: FIRST_IMAGE + index,
      name: `image ${index}`,
      type: kind === 'convert' ? 'backup' : 'snapshot',
      regions: ['nyc1'],
    })),
    actionTime: [10_000, 3_600_000],
    importTime: [100_000, 3_600_000],
    rateLimit: false,
    tokens: [CANARY],
    lag: { lists: lag },
  });
  const attempts = fates.map(() => 0);
  for (const fate of new Set(fates)) {
    if (!fate.fault) continue;
    sandbox.fail({
      ...fate.fault,
      when: (request) => {
        const index = request.method === 'POST' ? indexOf(request) : NaN;
        if (fates[index] !== fate) return false;
        attempts[index] = (attempts[index] ?? 0) + 1;
        return !fate.isPassing || attempts[index] === 1;
      },
    });
  }
  const adapter: TransportAdapter = async (request) => {
    const answer = await sandbox.adapter(request);
    const { pathname: path } = new URL(request.url);
    const body: unknown = request.body === undefined ? undefined : JSON.parse(request.body);
    const isRedirected = request.method === 'POST' && fates[indexOf({ path, body })]?.name === '307';
    return isRedirected ? { status: 307, headers: { location: '/v2/elsewhere' }, body: '' } : answer;
  };
  const executions = (): number[] => {
    const counts = fates.map(() => 0);
    for (const request of sandbox.requests) {
      if (request.method !== 'POST' || !request.executed) continue;
      const index = indexOf(request);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    return counts;
  };
  return { sandbox, adapter, executions };
}
