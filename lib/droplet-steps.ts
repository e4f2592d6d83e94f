// Steps of a job on a Droplet that may take an hour: transient failures do not end it.
import type { Action } from './action';
import type { ActOptions } from './actionable';
import { ResponseError, UnprocessableError } from './errors/errors';
import { ReadOnlyError } from './errors/read-only';
import { UnknownOutcomeError } from './errors/unknown-outcome';
import { WaitTimeoutError } from './errors/wait-timeout';
import type { Cancellable, Requester } from './model/requester';
import { persist, type Persistence } from './polling/persist';
import { finalPollLead, isTransient, type WaitOptions } from './polling/wait-options';
import { sleep } from './util/clock';
import type { GlobalAbortSignal } from './util/platform-types';
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

/** A job, and how long it may take. */
export interface Job<D = Switchable> {
  api: Requester;
  droplet: D;
  interval: number;
  /** By `Clock.now()`. */
  deadline: number;
  /** Ends the job at once. Its deadline does not end a POST that is in flight, which would be lost. */
  signal: GlobalAbortSignal;
  onTimeout: () => Error;
  /** Called with each failure after which a step is repeated. */
  onFailure: (error: unknown) => void;
}

/** How long a Droplet may take to shut down before it is turned off. */
const SHUTDOWN_TIME = MINUTE;

/** After this time, a Droplet that was told to shut down stays on: operating systems give their services 90 s. */
const LONGEST_SHUTDOWN = 3 * MINUTE;

/** How long steps of the job are repeated. */
export function persistenceOf(job: Job<unknown>): Persistence {
  const { api, interval, deadline, signal, onFailure } = job;
  return { clock: api.clock, interval, deadline, signals: [signal, api.signal], onFailure };
}

/** What the waits of a job have in common. */
export function waitOptionsOf({ api, interval, deadline, signal }: Job<unknown>): {
  interval: number;
  timeout: number;
  signal: GlobalAbortSignal;
} {
  return { interval, timeout: Math.max(0, deadline - api.clock.now()), signal };
}

/**
 * Reads something, again after each transient failure.
 * @throws the error of the job's `onTimeout` when its time is up
 */
export function readWithin<T>(
  job: Job<unknown>,
  read: (signal: GlobalAbortSignal) => Promise<T>,
): Promise<T> {
  const { onTimeout, api } = job;
  const { timeout, signal } = waitOptionsOf(job);
  return withLimits({ clock: api.clock, signals: [signal], timeout, onTimeout }, (scope) =>
    persist(read, { ...persistenceOf(job), signals: [scope] }),
  );
}

/** @throws the error of the job's `onTimeout` when its time is up */
export async function pause({ api, interval, deadline, signal, onTimeout }: Job<unknown>): Promise<void> {
  const timeLeft = deadline - finalPollLead(interval) - api.clock.now();
  if (timeLeft <= 0) throw onTimeout();
  await sleep(api.clock, Math.min(interval, timeLeft), signal);
}

/**
 * Sends a POST that starts an action, until one is started. While another action runs, the API refuses it: then it is sent
 * after that one's end. It is not sent again unless it is certain that the last one started nothing.
 */
export async function startWhenFree<T>(job: Job, start: () => Promise<T>): Promise<T> {
  const { api, signal } = job;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const isAborted = signal.aborted || api.signal.aborted;
      if (isAborted || !(isPending(error) || isAbsent(error) || isTransient(error, false))) throw error;
      // The action may be over by now, or not be listed yet.
      const running = isPending(error) ? await currentAction(job) : null;
      if (running) await running.wait({ ...waitOptionsOf(job), throwOnError: false });
      else await pause(job);
      if (waitOptionsOf(job).timeout === 0) throw job.onTimeout();
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

/**
 * Shuts the Droplet down, and turns it off when that takes longer than a minute.
 * @param onBegin called with `true` when that may begin, with `false` when the request was refused
 */
export async function turnOff(job: Job, onBegin: (mayHaveBegun: boolean) => unknown): Promise<void> {
  const { droplet, signal } = job;
  const act = (): ActOptions => ({ signal, wait: { ...waitOptionsOf(job), throwOnError: false } });
  const refused = (error: unknown): never => {
    if (error instanceof ResponseError || error instanceof ReadOnlyError || isAbsent(error)) onBegin(false);
    throw error;
  };
  await startWhenFree(job, () => {
    onBegin(true);
    return droplet.shutdown(act()).catch(refused);
  });
  try {
    const { timeout, ...wait } = waitOptionsOf(job);
    await droplet.waitUntilOff({ ...wait, timeout: Math.min(timeout, SHUTDOWN_TIME) });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError) || waitOptionsOf(job).timeout === 0) throw error;
    await startWhenFree(job, () => unlessAlready(droplet.powerOff(act())));
    await droplet.waitUntilOff(waitOptionsOf(job));
  }
}

/** The Droplet may have gone off, or on, since it was last seen. */
async function unlessAlready(action: Promise<Action>): Promise<void> {
  await action.catch((error: unknown) => {
    if (!(error instanceof UnprocessableError && /already powered/i.test(error.message))) throw error;
  });
}

/**
 * Turns the Droplet on again.
 * @param isOff `false`: it was told to shut down, and may be about to
 */
export async function turnOn(job: Job, isOff: boolean): Promise<void> {
  const { droplet, signal } = job;
  if (!isOff && !(await goesOff(job))) return;
  const act = (): ActOptions => ({ signal, wait: waitOptionsOf(job) });
  await startWhenFree(job, () => unlessAlready(droplet.powerOn(act())));
}

/** Waits for what was begun. @returns `false` when the Droplet stays on */
async function goesOff(job: Job): Promise<boolean> {
  for (let running = await currentAction(job); ;) {
    await running?.wait({ ...waitOptionsOf(job), throwOnError: false });
    try {
      await job.droplet.waitUntilOff({ ...waitOptionsOf(job), timeout: LONGEST_SHUTDOWN });
      return true;
    } catch (error) {
      if (job.signal.aborted || !(error instanceof WaitTimeoutError)) throw error;
    }
    running = await currentAction(job);
    if (!running) return false;
  }
}

function currentAction(job: Job): Promise<Action | null> {
  return readWithin(job, (signal) => job.droplet.fetchCurrentAction({ signal }));
}
