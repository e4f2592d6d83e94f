// Steps of a job on a Droplet that may take an hour: passing trouble does not end it.
import type { Action } from './action';
import type { ActOptions } from './actionable';
import { DOApiError, UnprocessableError } from './errors/errors';
import { UnknownOutcomeError } from './errors/unknown-outcome';
import { WaitTimeoutError } from './errors/wait-timeout';
import type { Cancellable, Requester } from './model/requester';
import { persist, type Persistence } from './polling/persist';
import type { WaitOptions } from './polling/wait-options';
import { sleep } from './util/clock';
import { MINUTE } from './util/time-units';
import { withLimits } from './util/with-limits';

/** The part of a Droplet that turning it off and on uses. */
export interface Switchable {
  readonly id: number;
  shutdown(options: ActOptions): Promise<Action>;
  powerOff(options: ActOptions): Promise<Action>;
  powerOn(options: ActOptions): Promise<Action>;
  fetchCurrentAction(options: Cancellable): Promise<Action | null>;
  waitUntilOff(options: WaitOptions): Promise<unknown>;
}

export interface JobContext<D = Switchable> {
  api: Requester;
  droplet: D;
  interval: number;
  /** By `Clock.now()`. */
  deadline: number;
  signal: AbortSignal;
}

/** How long a Droplet may take to shut down before it is turned off. */
const SHUTDOWN_TIME = MINUTE;

/** How long a step of the job is repeated. */
export function persistenceOf({ api, interval, deadline, signal }: JobContext<unknown>): Persistence {
  return { clock: api.clock, interval, deadline, signals: [signal, api.signal] };
}

/** Sends a request again after each transient failure, while there is time. */
export function persistently<T>(context: JobContext<unknown>, request: () => Promise<T>): Promise<T> {
  return persist(request, persistenceOf(context));
}

/** Starts an action. While another one runs, the API refuses it: then it is started after that one. */
export async function startWhenFree<T>(context: JobContext, start: () => Promise<T>): Promise<T> {
  const { api, droplet, interval, signal } = context;
  for (;;) {
    const running = await persistently(context, () => droplet.fetchCurrentAction({ signal }));
    await running?.wait({ interval, signal, timeout: Infinity, throwOnError: false });
    try {
      return await start();
    } catch (error) {
      if (!isPending(error) && !isAbsent(error)) throw error;
      await sleep(api.clock, interval, signal);
    }
  }
}

/** The texts of the 422 for a Droplet that has an action in progress. */
const PENDING = /pending event|blocking events/i;

function isPending(error: unknown): boolean {
  return error instanceof UnprocessableError && PENDING.test(error.message);
}
/** The response was lost, and a search has shown that nothing was started. */
function isAbsent(error: unknown): boolean {
  return error instanceof UnknownOutcomeError && !error.mayHaveExecuted;
}

/** Shuts the Droplet down, and turns it off when that takes longer than a minute. */
export async function turnOff(context: JobContext): Promise<void> {
  const { api, droplet, interval, signal } = context;
  const options = { interval, signal };
  await startWhenFree(context, () => droplet.shutdown({ signal, wait: { ...options, throwOnError: false } }));
  try {
    await droplet.waitUntilOff({ ...options, timeout: SHUTDOWN_TIME });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    await startWhenFree(context, () =>
      ignoreOff(droplet.powerOff({ signal, wait: { ...options, throwOnError: false } })),
    );
    await droplet.waitUntilOff({ ...options, timeout: Math.max(0, context.deadline - api.clock.now()) });
  }
}

/** It may have gone off since it was last seen. */
async function ignoreOff(action: Promise<Action>): Promise<void> {
  await action.catch((error: unknown) => {
    if (!(error instanceof UnprocessableError && /already powered off/i.test(error.message))) throw error;
  });
}

/**
 * Turns the Droplet on again, whatever has happened. It has a time of its own, and the caller's signal does not end it.
 * @throws DOApiError when that fails: the Droplet stays off
 */
export async function turnOn(
  { api, droplet, interval }: Pick<JobContext, 'api' | 'droplet' | 'interval'>,
  result: PromiseSettledResult<{ id: number }>,
): Promise<void> {
  const limits = {
    clock: api.clock,
    signals: [api.signal],
    timeout: api.waitTime,
    onTimeout: () => new Error('no time is left'),
  };
  try {
    await withLimits(limits, async ({ signal }) => {
      const context = { api, droplet, interval, signal, deadline: api.clock.now() + api.waitTime };
      await startWhenFree(context, () => droplet.powerOn({ signal, wait: { interval, signal } }));
    });
  } catch (error) {
    const taken =
      result.status === 'fulfilled'
        ? `the snapshot is image ${result.value.id}`
        : `the snapshot failed: ${String(result.reason)}`;
    const problem = new DOApiError(
      `Droplet ${droplet.id} is off and could not be turned on again (${error instanceof Error ? error.message : String(error)}); ${taken}`,
    );
    problem.cause = result.status === 'rejected' ? result.reason : error;
    throw problem;
  }
}
