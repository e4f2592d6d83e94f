import { getEventListeners } from 'node:events';
import { DOApi, type DOApiOptions } from '../../../lib';
import type { Operation } from '../../../tools/fault-matrix/operations';
import { TestBed } from '../../../tools/fault-matrix/test-bed';
import { Stopwatch } from '../stopwatch';
import { BETWEEN_PAGES, BETWEEN_POLLS, LIMIT, type State, type Trigger } from './states';

/** The result of cancelling a call. */
export interface Cancellation {
  /** Milliseconds from the trigger to the rejection, as the stopwatch counts. */
  duration: number;
  /** Expectations that do not hold, in sentences. */
  problems: string[];
}

const REASON = { the: 'reason' };

/** The time after the rejection in which nothing may happen. */
const LONG_AFTER = 600_000;

/** Runs an operation until it is in a state, and cancels it. */
export async function cancel(state: State, operation: Operation, trigger: Trigger): Promise<Cancellation> {
  const problems: string[] = [];
  const expect = (holds: boolean, what: string): void => {
    if (!holds) problems.push(what);
  };
  const bed = await TestBed.open({ lengths: 'all', end: NaN });
  try {
    const controller = new AbortController();
    const { signal } = controller;
    let reached = (): void => undefined;
    const inState = new Promise<void>((resolve) => (reached = resolve));
    const api = await prepare(bed, state, reached);
    let watch = new Stopwatch();
    const outcome = start(api, state, operation, { signal, reached, bed }).then(
      (result: unknown) => ({ error: `it succeeded: ${String(result)}`, duration: watch.stop() }),
      (error: unknown) => ({ error, duration: watch.stop() }),
    );
    await Promise.race([inState, outcome]);
    const before = { tries: bed.tries, reached: bed.sandbox.requests.length };
    watch.stop();
    watch = new Stopwatch();
    fire(trigger, { controller, api, bed });
    const { error, duration } = await outcome;
    const expected = expectedName(state, operation, trigger);
    const name = error === REASON ? 'the reason' : String((error as Error | undefined)?.name);
    expect(name === expected, `expected ${expected}, got ${name}: ${String(error)}`);
    await settled();
    bed.clock.pass(LONG_AFTER);
    await settled();
    expect(bed.tries === before.tries, 'nothing is sent afterwards');
    expect(bed.sandbox.requests.length === before.reached, 'nothing arrives afterwards');
    expect(getEventListeners(signal, 'abort').length === 0, 'no listener stays on the signal');
    expect(bed.clock.pending === 0, `no timer is left, ${bed.clock.pending} are`);
    const isGone = (): boolean => bed.proxy.open === 0;
    if (state.destroys) expect(await soon(isGone), 'its connection is closed');
    await api.close();
    expect(await soon(isGone), 'no connection stays open after close()');
    return { duration, problems };
  } finally {
    await bed.close();
  }
}

async function prepare(bed: TestBed, state: State, reached: () => void): Promise<DOApi> {
  // The timeout of an attempt would end before the deadline of the call.
  const usual = {
    timeout: Infinity,
    deadline: LIMIT,
    queueTimeout: LIMIT,
    waitTime: LIMIT,
    waitInterval: 5_000,
  };
  const options = (): DOApiOptions => ({ ...usual, ...state.options?.(reached) });
  if (!state.isWarm) {
    await state.arrange(bed, reached);
    return bed.api(options());
  }
  const api = bed.api(options());
  await api.fetchAllRegions().first();
  await state.arrange(bed, reached);
  return api;
}

interface Start {
  signal: AbortSignal;
  reached: () => void;
  bed: TestBed;
}

function start(
  api: DOApi,
  state: State,
  operation: Operation,
  { signal, reached, bed }: Start,
): Promise<unknown> {
  if (state.name === BETWEEN_PAGES) return betweenPages(api, signal, reached);
  if (state.name !== BETWEEN_POLLS) return operation.run(api, { signal });
  bed.sandbox.addImage();
  const action = bed.sandbox.fail({ with: 'altered', alter: stillInProgress });
  const onProgress = (): void => void setTimeout(reached, 2);
  return operation.run(api, { signal, onProgress } as { signal: AbortSignal }).finally(() => action.lift());
}

const stillInProgress = (body: unknown): unknown => ({
  action: { ...(body as { action: object }).action, status: 'in-progress' },
});

async function betweenPages(api: DOApi, signal: AbortSignal, reached: () => void): Promise<unknown> {
  const pages = api.fetchAllImages({ perPage: 2, concurrency: 1 }).pages({ signal });
  await pages.next();
  // The consumer handles page one for a while.
  const busy = new Promise((done) => setTimeout(done, 5));
  reached();
  await busy;
  return pages.next();
}

function fire(
  trigger: Trigger,
  { controller, api, bed }: { controller: AbortController; api: DOApi; bed: TestBed },
): void {
  if (trigger === 'an AbortSignal') controller.abort(REASON);
  else if (trigger === 'close()') void api.close();
  else bed.clock.pass(LIMIT);
}

function expectedName(state: State, { column }: Operation, trigger: Trigger): string {
  if (trigger === 'an AbortSignal') return 'the reason';
  if (trigger === 'close()') return 'ClosedError';
  if (column === 'wait' || column === 'job') return 'WaitTimeoutError';
  return column === 'post' && state.mayHaveExecuted ? 'UnknownOutcomeError' : 'TimeoutError';
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((done) => setImmediate(done));
}

async function soon(holds: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 200 && !holds(); turn++) await new Promise((done) => setTimeout(done, 5));
  return holds();
}
