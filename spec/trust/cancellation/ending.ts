import { getEventListeners } from 'node:events';
import { DOApi, type DOApiOptions } from '../../../lib';
import type { Operation } from '../../../tools/fault-matrix/operations';
import { Place } from '../../../tools/fault-matrix/place';
import { Stopwatch } from '../stopwatch';
import { BETWEEN_PAGES, BETWEEN_POLLS, PATIENCE, type State, type Trigger } from './states';

/** What came of ending a call. */
export interface Ended {
  /** Milliseconds from the trigger to the rejection, of those that the machine gave us. */
  took: number;
  /** What does not hold, in sentences. */
  problems: string[];
}

const REASON = { the: 'reason' };

/** However long that is, nothing may happen in it any more. */
const LONG_AFTER = 600_000;

/** Brings an operation to a state and ends it there. */
export async function end(state: State, operation: Operation, trigger: Trigger): Promise<Ended> {
  const problems: string[] = [];
  const expect = (holds: boolean, what: string): void => {
    if (!holds) problems.push(what);
  };
  const place = await Place.open({ lengths: 'all', end: NaN });
  try {
    const controller = new AbortController();
    const { signal } = controller;
    let reached = (): void => undefined;
    const there = new Promise<void>((resolve) => (reached = resolve));
    const api = await prepare(place, state, reached);
    let watch = new Stopwatch();
    const outcome = start(api, state, operation, { signal, reached, place }).then(
      (result: unknown) => ({ error: `it ended well: ${String(result)}`, took: watch.stop() }),
      (error: unknown) => ({ error, took: watch.stop() }),
    );
    await Promise.race([there, outcome]);
    const before = { tries: place.tries, reached: place.sandbox.requests.length };
    watch.stop();
    watch = new Stopwatch();
    pull(trigger, { controller, api, place });
    const { error, took } = await outcome;
    const expected = expectedName(state, operation, trigger);
    const name = error === REASON ? 'the reason' : String((error as Error | undefined)?.name);
    expect(name === expected, `expected ${expected}, got ${name}: ${String(error)}`);
    await settled();
    place.clock.pass(LONG_AFTER);
    await settled();
    expect(place.tries === before.tries, 'nothing is sent afterwards');
    expect(place.sandbox.requests.length === before.reached, 'nothing arrives afterwards');
    expect(getEventListeners(signal, 'abort').length === 0, 'no listener is left on the signal');
    expect(place.clock.pending === 0, `no timer is left, ${place.clock.pending} are`);
    const isGone = (): boolean => place.proxy.open === 0;
    if (state.destroys) expect(await soon(isGone), 'its connection is gone');
    await api.close();
    expect(await soon(isGone), 'no connection is left after close()');
    return { took, problems };
  } finally {
    await place.close();
  }
}

async function prepare(place: Place, state: State, reached: () => void): Promise<DOApi> {
  // An attempt of its own would end before the call.
  const usual = { timeout: Infinity, deadline: PATIENCE, waitTime: PATIENCE, waitInterval: 5_000 };
  const options = (): DOApiOptions => ({ ...usual, ...state.options?.(reached) });
  if (!state.isWarm) {
    await state.arrange(place, reached);
    return place.api(options());
  }
  const api = place.api(options());
  await api.fetchAllRegions().first();
  await state.arrange(place, reached);
  return api;
}

interface Start {
  signal: AbortSignal;
  reached: () => void;
  place: Place;
}

function start(
  api: DOApi,
  state: State,
  operation: Operation,
  { signal, reached, place }: Start,
): Promise<unknown> {
  if (state.name === BETWEEN_PAGES) return betweenPages(api, signal, reached);
  if (state.name !== BETWEEN_POLLS) return operation.run(api, { signal });
  place.sandbox.addImage();
  const action = place.sandbox.fail({ with: 'altered', alter: stillGoingOn });
  const onProgress = (): void => void setTimeout(reached, 2);
  return operation.run(api, { signal, onProgress } as { signal: AbortSignal }).finally(() => action.lift());
}

const stillGoingOn = (body: unknown): unknown => ({
  action: { ...(body as { action: object }).action, status: 'in-progress' },
});

async function betweenPages(api: DOApi, signal: AbortSignal, reached: () => void): Promise<unknown> {
  const pages = api.fetchAllImages({ perPage: 2, concurrency: 1 }).pages({ signal });
  await pages.next();
  // The reader is busy with page one for a while.
  const busy = new Promise((done) => setTimeout(done, 5));
  reached();
  await busy;
  return pages.next();
}

function pull(
  trigger: Trigger,
  { controller, api, place }: { controller: AbortController; api: DOApi; place: Place },
): void {
  if (trigger === 'an AbortSignal') controller.abort(REASON);
  else if (trigger === 'close()') void api.close();
  else place.clock.pass(PATIENCE);
}

function expectedName(state: State, { column }: Operation, trigger: Trigger): string {
  if (trigger === 'an AbortSignal') return 'the reason';
  if (trigger === 'close()') return 'ClosedError';
  if (column === 'wait') return 'WaitTimeoutError';
  return column === 'post' && state.mayHaveExecuted ? 'UnknownOutcomeError' : 'TimeoutError';
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((done) => setImmediate(done));
}

async function soon(holds: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 200 && !holds(); turn++) await new Promise((done) => setTimeout(done, 5));
  return holds();
}
