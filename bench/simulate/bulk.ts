import type { DOApi, Image } from '../../lib';
import { DEFAULT_RATE_LIMITS } from '../../lib/rate-limit/limits';
import { Sandbox, type SandboxOptions } from '../../lib/sandbox';
import { HOUR, MINUTE } from './account';
import { AxiosLoop } from './axios-loop';
import { formatNumber, markdown } from './row';

/** How long an action takes in these jobs, in milliseconds. */
export const ACTION_TIME = MINUTE;

/** A bulk job. */
export interface BulkJob {
  name: string;
  /** What the account has at the start. */
  account: SandboxOptions;
  /** Runs it with the library. @returns one promise for each of its operations */
  run: (api: DOApi, images: readonly Image[]) => Promise<unknown>[];
  /** Runs it with a loop around axios. @returns one promise for each of its operations */
  loop: (loop: AxiosLoop) => Promise<unknown>[];
  /** The requests that no client can do without, polls left out. */
  requests: number;
  /** How many of them go out before the last operation that is waited for begins; 0: nothing is waited for. */
  untilLastWait: number;
}

/** What a job came to with one client. */
export interface Outcome {
  requests: number;
  /** Responses with 429. */
  refused: number;
  /** Operations that failed. */
  failures: number;
  /** From the first request until the last operation has ended, in milliseconds. */
  makespan: number;
}

/** What a job came to with the library, and beside it with a loop around axios. */
export interface BulkResult extends Outcome {
  name: string;
  /** The shortest time that our own limits allow, in milliseconds. */
  optimum: number;
  loop: Outcome;
}

/** The earliest time at which the last of so many requests may be sent, in milliseconds after the first. */
export function earliest(requests: number): number {
  const { perMinute, perHour } = DEFAULT_RATE_LIMITS;
  const fullHours = Math.floor((requests - 1) / perHour);
  return fullHours * HOUR + Math.floor(((requests - 1) % perHour) / perMinute) * MINUTE;
}

/** The shortest time of a job: its last request, and the end of the last operation that is waited for. */
export function optimumOf({ requests, untilLastWait }: Pick<BulkJob, 'requests' | 'untilLastWait'>): number {
  const lastWait = untilLastWait === 0 ? 0 : earliest(untilLastWait) + ACTION_TIME;
  return Math.max(earliest(requests), lastWait);
}

export const ratioOf = ({ makespan, optimum }: Pick<BulkResult, 'makespan' | 'optimum'>): number =>
  makespan / optimum;

/** An account with DigitalOcean's limits, on a virtual clock of its own. */
function sandboxOf({ account }: BulkJob): Sandbox {
  const rateLimit = { perMinute: 250, perHour: 5_000 };
  return new Sandbox({ droplets: 0, ...account, actionTime: ACTION_TIME, rateLimit });
}

async function outcomeOf(sandbox: Sandbox, operations: Promise<unknown>[]): Promise<Outcome> {
  const results = await Promise.allSettled(operations);
  return {
    requests: sandbox.requests.length,
    refused: sandbox.requests.filter(({ status }) => status === 429).length,
    failures: results.filter(({ status }) => status === 'rejected').length,
    makespan: sandbox.clock.now(),
  };
}

/** Runs a job with the default options of the library. */
export async function runBulk(job: BulkJob): Promise<Omit<BulkResult, 'loop'>> {
  const sandbox = sandboxOf(job);
  const api = sandbox.api();
  const images = sandbox.images.map((json) => api.image(json));
  const outcome = await outcomeOf(sandbox, job.run(api, images));
  await api.close();
  return { name: job.name, ...outcome, optimum: optimumOf(job) };
}

/** Runs a job with a loop around axios. */
export async function runLoop(job: BulkJob): Promise<Outcome> {
  const sandbox = sandboxOf(job);
  const loop = new AxiosLoop(sandbox);
  return loop.onVirtualTime(() => outcomeOf(sandbox, job.loop(loop)));
}

/** A job may take this many times its optimum. */
export const MAX_RATIO = 1.05;

export const isWell = (result: Omit<BulkResult, 'loop'>): boolean =>
  result.refused === 0 && result.failures === 0 && ratioOf(result) <= MAX_RATIO;

const seconds = (ms: number): string => `${formatNumber(Math.round(ms / 1_000))} s`;

const HEAD = [
  'job',
  'requests',
  '429',
  'failed',
  'time',
  'shortest possible',
  'ratio',
  'loop: requests',
  'loop: 429',
  'loop: failed',
  'loop: time',
];

/** The results as Markdown. */
export function bulkTable(results: readonly BulkResult[]): string {
  const lines = results.map((result) => {
    const { name, requests, refused, failures, makespan, optimum, loop } = result;
    const ratio = ratioOf(result).toFixed(3);
    return [
      name,
      ...[requests, refused, failures].map(formatNumber),
      seconds(makespan),
      seconds(optimum),
      isWell(result) ? ratio : `**${ratio}**`,
      ...[loop.requests, loop.refused, loop.failures].map(formatNumber),
      seconds(loop.makespan),
    ];
  });
  return markdown(HEAD, lines);
}
