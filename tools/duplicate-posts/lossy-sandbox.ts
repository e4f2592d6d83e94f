import type { TransportAdapter } from '../../lib';
import { type Fault, Sandbox } from '../../lib/sandbox';
import { CANARY } from '../support/canary';

/** What happens to a POST. */
export interface Scenario {
  name: string;
  /** Whether the API carries out the POST. */
  executes: boolean;
  /** Whether the client cannot know the outcome from the response. */
  isAmbiguous: boolean;
  /** Only the first attempt meets the fault. */
  isTransient?: boolean;
  fault?: Fault;
}

const after = (name: string, fault: Fault): Scenario => ({ name, executes: true, isAmbiguous: true, fault });
const before = (name: string, fault: Fault): Scenario => ({
  name,
  executes: false,
  isAmbiguous: true,
  fault,
});

const STATUSES = [500, 502, 503, 504, 505, 520];

/** The POST is carried out, then the response is lost. */
const AFTER: readonly Scenario[] = [
  after('RST', { with: 'reset-after-execution' }),
  after('FIN in the body', { with: 'cut-in-body' }),
  after('stall', { with: 'stall-after-execution' }),
  after('stall in the body', { with: 'stall-in-body' }),
  ...STATUSES.map((status) => after(String(status), { with: 'status-after-execution', status })),
  after('truncated 201', { with: 'truncated-json' }),
  after('empty 201', { with: 'empty' }),
  after('201 of another shape', { with: 'wrong-root' }),
  after('201 over the limit', { with: 'oversized' }),
  // A sandbox redirects before execution; see the adapter in `lossySandbox`.
  { name: '307', executes: true, isAmbiguous: false },
];

const BEFORE: readonly Scenario[] = [
  before('RST before', { with: 'reset-before-execution' }),
  before('stall before', { with: 'stall-before-execution' }),
  before('503 before', { with: 503 }),
  before('not HTTP', { with: 'not-http' }),
];

const TRANSIENT: readonly Scenario[] = [
  { name: 'refused', executes: true, isAmbiguous: false, isTransient: true, fault: { with: 'refused' } },
  { name: '429', executes: true, isAmbiguous: false, isTransient: true, fault: { with: 'burst-limit' } },
  { name: 'nothing', executes: true, isAmbiguous: false },
];

export const SCENARIOS: readonly Scenario[] = [...AFTER, ...BEFORE, ...TRANSIENT];

/** Four of five POSTs are carried out and their responses lost. */
export function chooseScenario(random: () => number): Scenario {
  const kind = random();
  const scenarios = kind < 0.8 ? AFTER : kind < 0.9 ? BEFORE : TRANSIENT;
  return scenarios[Math.floor(random() * scenarios.length)] ?? BEFORE[0] ?? fail();
}

function fail(): never {
  throw new Error('there are no scenarios');
}

/** The kinds of POST that must not be carried out twice. */
export const KINDS = ['transfer', 'convert', 'createCustomImage'] as const;
export type Kind = (typeof KINDS)[number];

export const FIRST_IMAGE = 1_001;
export const nameOf = (index: number): string => `import number ${index}.`;

/** The index of a POST's call, from its image or its name. */
function indexOf({ path, body }: { path: string; body: unknown }): number {
  const image = /^\/v2\/images\/(\d+)\/actions$/.exec(path)?.[1];
  if (image !== undefined) return Number(image) - FIRST_IMAGE;
  return Number(/(\d+)\.$/.exec(String((body as { name?: unknown } | undefined)?.name))?.[1] ?? NaN);
}

/** A sandbox in which the POST of each call has its own scenario. */
export interface LossySandbox {
  sandbox: Sandbox;
  adapter: TransportAdapter;
  /** How often the POST of each call was carried out, by index. */
  executions: () => number[];
}

/** @param lag how long changes are missing from lists, in milliseconds */
export function lossySandbox(kind: Kind, scenarios: readonly Scenario[], lag: number): LossySandbox {
  const sandbox = new Sandbox({
    images: scenarios.map((_, index) => ({
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
  const attempts = scenarios.map(() => 0);
  for (const scenario of new Set(scenarios)) {
    if (!scenario.fault) continue;
    sandbox.fail({
      ...scenario.fault,
      when: (request) => {
        const index = request.method === 'POST' ? indexOf(request) : NaN;
        if (scenarios[index] !== scenario) return false;
        attempts[index] = (attempts[index] ?? 0) + 1;
        return !scenario.isTransient || attempts[index] === 1;
      },
    });
  }
  const adapter: TransportAdapter = async (request) => {
    const response = await sandbox.adapter(request);
    const { pathname: path } = new URL(request.url);
    const body: unknown = request.body === undefined ? undefined : JSON.parse(request.body);
    const isRedirected = request.method === 'POST' && scenarios[indexOf({ path, body })]?.name === '307';
    return isRedirected ? { status: 307, headers: { location: '/v2/elsewhere' }, body: '' } : response;
  };
  const executions = (): number[] => {
    const counts = scenarios.map(() => 0);
    for (const request of sandbox.requests) {
      if (request.method !== 'POST' || !request.executed) continue;
      const index = indexOf(request);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    return counts;
  };
  return { sandbox, adapter, executions };
}
