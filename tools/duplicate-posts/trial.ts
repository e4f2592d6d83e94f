import { type Action, DOApi, type Image, UnknownOutcomeError } from '../../lib';
import { seededRandom } from '../../lib/sandbox/state/random';
import { CANARY } from '../support/canary';
import { chooseFate, type Fate, FIRST_IMAGE, type Kind, type Lossy, lossy, nameOf } from './lossy';

/** What came of many POSTs whose answers were lost. */
export interface Tally {
  calls: number;
  /** Calls that were carried out more than once. */
  duplicates: number;
  /** Calls whose outcome nobody can know from the answer, and those of them that said so or searched by themselves. */
  ambiguous: number;
  unknown: number;
  /** Calls that ended in another way than they should. */
  surprises: string[];
  /** `reconcile()`, or the call itself, told the truth: what was started, or that nothing was. */
  right: number;
  /** It said "no" although it had been carried out. */
  deniedFalsely: number;
  /** It found something else, or something where nothing was. */
  foundFalsely: number;
  /** It could not tell. */
  undecided: number;
}

export const nothing = (): Tally => ({
  calls: 0,
  duplicates: 0,
  ambiguous: 0,
  unknown: 0,
  surprises: [],
  right: 0,
  deniedFalsely: 0,
  foundFalsely: 0,
  undecided: 0,
});

interface Options {
  kind: Kind;
  calls: number;
  seed: number;
  /** How long lists lag behind, at most, in milliseconds; default 0. */
  lag?: number;
  /** How many calls share a sandbox; default 100. */
  batch?: number;
}

/** Sends so many POSTs, each to a fate of its own, and looks up those whose outcome is not known. */
export async function trial({ kind, calls, seed, lag = 0, batch = 100 }: Options): Promise<Tally> {
  const random = seededRandom(seed);
  const tally = nothing();
  for (let done = 0; done < calls; done += batch) {
    const fates = Array.from({ length: Math.min(batch, calls - done) }, () => chooseFate(random));
    await tryBatch(kind, fates, lossy(kind, fates, Math.floor(lag * random())), tally);
  }
  return tally;
}

async function tryBatch(kind: Kind, fates: readonly Fate[], world: Lossy, tally: Tally): Promise<void> {
  const { sandbox, adapter } = world;
  const api = new DOApi({
    token: CANARY,
    endpoint: 'https://api.digitalocean.com',
    clock: sandbox.clock,
    rateLimit: false,
    transport: { adapter },
  });
  const outcomes = await Promise.all(
    fates.map((_, index) => send(api, kind, index).catch((error: unknown) => error)),
  );
  const before = world.executions();
  // A call that makes something has searched already.
  const searches = kind === 'createCustomImage';
  const truths = await Promise.all(
    outcomes.map((outcome) => {
      if (!(outcome instanceof UnknownOutcomeError)) return outcome;
      if (searches) return outcome.mayHaveExecuted ? 'undecided' : null;
      return outcome.reconcile().catch(() => 'undecided');
    }),
  );
  await api.close();
  const after = world.executions();
  for (const [index, fate] of fates.entries()) {
    const executed = before[index] ?? 0;
    tally.calls += 1;
    if (executed > 1 || after[index] !== executed) tally.duplicates += 1;
    judge(tally, fate, outcomes[index], { executed, searches });
    if (fate.isAmbiguous) compare(tally, kind, index, executed, truths[index], world);
  }
}

function send(api: DOApi, kind: Kind, index: number): Promise<Action | Image> {
  if (kind === 'transfer') return api.image(FIRST_IMAGE + index).transfer('fra1');
  if (kind === 'convert') return api.image(FIRST_IMAGE + index).convert();
  return api.createCustomImage({ name: nameOf(index), url: 'https://example.com/disk.gz', region: 'nyc3' });
}

function judge(
  tally: Tally,
  fate: Fate,
  outcome: unknown,
  { executed, searches }: { executed: number; searches: boolean },
): void {
  const isUnknown = outcome instanceof UnknownOutcomeError;
  const isAdopted = searches && fate.executes;
  if (fate.isAmbiguous) tally.ambiguous += 1;
  if (fate.isAmbiguous && (isUnknown || isAdopted)) tally.unknown += 1;
  const isSurprise =
    isUnknown !== (fate.isAmbiguous && !isAdopted) ||
    executed !== Number(fate.executes) ||
    (fate.name === '307'
      ? (outcome as Error).name !== 'RedirectError'
      : !isUnknown && outcome instanceof Error);
  if (isSurprise) tally.surprises.push(`${fate.name}: carried out ${executed} times, ${String(outcome)}`);
}

function compare(
  tally: Tally,
  kind: Kind,
  index: number,
  executed: number,
  found: unknown,
  { sandbox }: Lossy,
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
  if (id === (started?.id ?? null)) tally.right += 1;
  else if (id === null && executed > 0) tally.deniedFalsely += 1;
  else tally.foundFalsely += 1;
}
