import type { DOApi, Image } from '../../lib';
import { DEFAULT_RATE_LIMITS } from '../../lib/rate-limit/limits';
import { Sandbox } from '../../lib/sandbox';
import { HOUR, MINUTE } from './account';
import { markdown, formatNumber } from './row';

/** How long a transfer takes in these jobs, in milliseconds. */
const ACTION_TIME = MINUTE;

/** A bulk job. */
export interface BulkJob {
  name: string;
  images: number;
  /** Runs it. @returns one promise for each of its operations */
  run: (api: DOApi, images: readonly Image[]) => Promise<unknown>[];
  /** The requests that no client can do without, polls left out. */
  requests: number;
  /** How many of them go out before the last operation that is waited for begins; 0: nothing is waited for. */
  untilLastWait: number;
}

/** What a job came to. */
export interface BulkResult {
  name: string;
  requests: number;
  /** Responses with 429. */
  refused: number;
  /** Operations that failed. */
  failures: number;
  /** From the first request until the last operation has ended, in milliseconds. */
  makespan: number;
  /** The shortest time that our own limits allow, in milliseconds. */
  optimum: number;
}

/** The earliest time at which the last of so many requests may be sent, in milliseconds after the first. */
export function earliest(requests: number): number {
  const { perMinute, perHour } = DEFAULT_RATE_LIMITS;
  const fullHours = Math.floor((requests - 1) / perHour);
  return fullHours * HOUR + Math.floor(((requests - 1) % perHour) / perMinute) * MINUTE;
}

/** The shortest time of a job: its last request, and the end of the last operation that is waited for. */
export function optimumOf({ requests, untilLastWait }: BulkJob): number {
  const lastWait = untilLastWait === 0 ? 0 : earliest(untilLastWait) + ACTION_TIME;
  return Math.max(earliest(requests), lastWait);
}

export const ratioOf = ({ makespan, optimum }: BulkResult): number => makespan / optimum;

export function deletesAtOnce(images = 1_000): BulkJob {
  return {
    name: `${formatNumber(images)} deletes at once`,
    images,
    run: (_api, all) => all.map((image) => image.delete()),
    requests: images,
    untilLastWait: 0,
  };
}

export function deletesInTurn(images = 5_000): BulkJob {
  const deleteAll = async (all: readonly Image[]): Promise<void> => {
    for (const image of all) await image.delete();
  };
  return {
    name: `${formatNumber(images)} deletes, one after another`,
    images,
    run: (_api, all) => [deleteAll(all)],
    requests: images,
    untilLastWait: 0,
  };
}

const DESTINATIONS = ['ams3', 'fra1', 'lon1', 'sgp1', 'tor1', 'blr1'];

export function replications(images = 150): BulkJob {
  const replicate = async (image: Image): Promise<void> => {
    const results = await image.replicate(DESTINATIONS);
    const failed = results.find(({ outcome }) => outcome !== 'completed');
    if (failed) throw new Error(`${failed.region}: ${failed.outcome}`);
  };
  // For each image, its actions are read before the first transfer: one in progress is not started again.
  const requests = images * (1 + DESTINATIONS.length);
  return {
    name: `${formatNumber(images)} images to ${DESTINATIONS.length} regions`,
    images,
    run: (_api, all) => all.map(replicate),
    requests,
    untilLastWait: requests,
  };
}

export function transfers(images = 800): BulkJob {
  return {
    name: `${formatNumber(images)} transfers, waited for`,
    images,
    run: (_api, all) => all.map((image) => image.transfer('ams3', { wait: true })),
    requests: images,
    untilLastWait: images,
  };
}

/** Each image is transferred and waited for, and meanwhile fetched four times. */
export function callsAndWaits(images = 400): BulkJob {
  const fetches = 4;
  const requests = images * (1 + fetches);
  return {
    name: `${formatNumber(images)} transfers, waited for, among ${formatNumber(images * fetches)} other calls`,
    images,
    run: (_api, all) =>
      all.flatMap((image): Promise<unknown>[] => [
        image.transfer('ams3', { wait: true }),
        ...Array.from({ length: fetches }, () => image.fetch()),
      ]),
    requests,
    untilLastWait: requests - fetches,
  };
}

/** The jobs of the table, with their full numbers. */
export const BULK_JOBS: readonly (() => BulkJob)[] = [
  deletesAtOnce,
  deletesInTurn,
  replications,
  transfers,
  callsAndWaits,
];

/** Runs a job in a sandbox with DigitalOcean's limits, on its virtual clock, with the default options. */
export async function runBulk(job: BulkJob): Promise<BulkResult> {
  const sandbox = new Sandbox({
    regions: ['nyc1', ...DESTINATIONS],
    images: Array.from({ length: job.images }, (_, index) => ({ id: index + 1, regions: ['nyc1'] })),
    actionTime: ACTION_TIME,
    rateLimit: { perMinute: 250, perHour: 5_000 },
  });
  const api = sandbox.api();
  const images = sandbox.images.map((json) => api.image(json));
  const results = await Promise.allSettled(job.run(api, images));
  const makespan = sandbox.clock.now();
  await api.close();
  return {
    name: job.name,
    requests: sandbox.requests.length,
    refused: sandbox.requests.filter(({ status }) => status === 429).length,
    failures: results.filter(({ status }) => status === 'rejected').length,
    makespan,
    optimum: optimumOf(job),
  };
}

/** A job may take this many times its optimum. */
export const MAX_RATIO = 1.05;

export const isWell = (result: BulkResult): boolean =>
  result.refused === 0 && result.failures === 0 && ratioOf(result) <= MAX_RATIO;

const seconds = (ms: number): string => `${formatNumber(Math.round(ms / 100) / 10)} s`;

/** The results as Markdown. */
export function bulkTable(results: readonly BulkResult[]): string {
  const lines = results.map((result) => {
    const { name, requests, refused, failures, makespan, optimum } = result;
    const ratio = ratioOf(result).toFixed(3);
    const counts = [requests, refused, failures].map(formatNumber);
    return [name, ...counts, seconds(makespan), seconds(optimum), isWell(result) ? ratio : `**${ratio}**`];
  });
  return markdown(['job', 'requests', '429', 'failed', 'time', 'shortest possible', 'ratio'], lines);
}

export async function runAllBulk(): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  for (const job of BULK_JOBS) results.push(await runBulk(job()));
  return results;
}
