import { type Action, DOApi, type Image, UnknownOutcomeError } from '../../lib';
import { seededRandom } from '../../lib/sandbox/state/random';
import { CANARY } from '../support/canary';
import {
  chooseScenario,
  FIRST_IMAGE,
  type Kind,
  type LossySandbox,
  lossySandbox,
  nameOf,
  type Scenario,
} from './lossy-sandbox';

/** The results of many POSTs whose responses were lost. */
export interface Tally {
  calls: number;
  /** Calls that were carried out more than once. */
  duplicates: number;
  /**
   * Calls whose outcome cannot be known from the response, and those of them that rejected with UnknownOutcomeError or
   * searched by themselves.
   */
  ambiguous: number;
  unknown: number;
  /** Calls with another outcome than expected, in sentences. */
  unexpected: string[];
  /** The search, of `reconcile()` or of the call itself, found what was started, or that nothing was. */
  correct: number;
  /** The search found nothing although the POST was carried out. */
  falseNegatives: number;
  /** The search found something else, or something although nothing was started. */
  falsePositives: number;
  /** The search failed. */
  undecided: number;
}

export const emptyTally = (): Tally => ({
  calls: 0,
  duplicates: 0,
  ambiguous: 0,
  unknown: 0,
  unexpected: [],
  correct: 0,
  falseNegatives: 0,
  falsePositives: 0,
  undecided: 0,
});

interface Options {
  kind: Kind;
  calls: number;
  seed: number;
  /** How long changes are missing from lists at most, in milliseconds; default 0. */
  lag?: number;
  /** Calls per sandbox; default 100. */
  batch?: number;
}

/** Sends POSTs, each with its own scenario, and reconciles those of unknown outcome. */
export async function runTrial({ kind, calls, seed, lag = 0, batch = 100 }: Options): Promise<Tally> {
  const random = seededRandom(seed);
  const tally = emptyTally();
  for (let done = 0; done < calls; done += batch) {
    const scenarios = Array.from({ length: Math.min(batch, calls - done) }, () => chooseScenario(random));
    const world = lossySandbox(kind, scenarios, Math.floor(lag * random()));
    await runBatch(kind, scenarios, world, tally);
  }
  return tally;
}

async function runBatch(
  kind: Kind,
  scenarios: readonly Scenario[],
  world: LossySandbox,
  tally: Tally,
): Promise<void> {
  const { sandbox, adapter } = world;
  const api = new DOApi({
    token: CANARY,
    endpoint: 'https://api.digitalocean.com',
    clock: sandbox.clock,
    rateLimit: false,
    transport: { adapter },
  });
  const outcomes = await Promise.all(
    scenarios.map((_, index) => send(api, kind, index).catch((error: unknown) => error)),
  );
  const before = world.executions();
  // A call that makes something has searched already.
  const isSearching = kind === 'createCustomImage';
  const found = await Promise.all(
    outcomes.map((outcome) => {
      if (!(outcome instanceof UnknownOutcomeError)) return outcome;
      if (isSearching) return outcome.mayHaveExecuted ? 'undecided' : null;
      return outcome.reconcile().catch(() => 'undecided');
    }),
  );
  await api.close();
  const after = world.executions();
  for (const [index, scenario] of scenarios.entries()) {
    const executed = before[index] ?? 0;
    tally.calls += 1;
    if (executed > 1 || after[index] !== executed) tally.duplicates += 1;
    checkOutcome(tally, scenario, outcomes[index], { executed, isSearching });
    if (scenario.isAmbiguous) checkFound(tally, kind, index, executed, found[index], world);
  }
}

function send(api: DOApi, kind: Kind, index: number): Promise<Action | Image> {
  if (kind === 'transfer') return api.image(FIRST_IMAGE + index).transfer('fra1');
  if (kind === 'convert') return api.image(FIRST_IMAGE + index).convert();
  return api.createCustomImage({ name: nameOf(index), url: 'https://example.com/disk.gz', region: 'nyc3' });
}

function checkOutcome(
  tally: Tally,
  scenario: Scenario,
  outcome: unknown,
  { executed, isSearching }: { executed: number; isSearching: boolean },
): void {
  const isUnknown = outcome instanceof UnknownOutcomeError;
  const isAdopted = isSearching && scenario.executes;
  if (scenario.isAmbiguous) tally.ambiguous += 1;
  if (scenario.isAmbiguous && (isUnknown || isAdopted)) tally.unknown += 1;
  const isUnexpected =
    isUnknown !== (scenario.isAmbiguous && !isAdopted) ||
    executed !== Number(scenario.executes) ||
    (scenario.name === '307'
      ? (outcome as Error).name !== 'RedirectError'
      : !isUnknown && outcome instanceof Error);
  if (isUnexpected)
    tally.unexpected.push(`${scenario.name}: carried out ${executed} times, ${String(outcome)}`);
}

function checkFound(
  tally: Tally,
  kind: Kind,
  index: number,
  executed: number,
  found: unknown,
  { sandbox }: LossySandbox,
): void {
  if (found === 'undecided') {
    tally.undecided += 1;
    return;
  }
  const list = kind === 'createCustomImage' ? sandbox.images : sandbox.actions;
  const started = list.find((item) =>
    'resource_id' in item ? item.resource_id === FIRST_IMAGE + index : item.name === nameOf(index),
  );
  const id = (found as Action | Image | null)?.id ?? null;
  if (id === (started?.id ?? null)) tally.correct += 1;
  else if (id === null && executed > 0) tally.falseNegatives += 1;
  else tally.falsePositives += 1;
}
