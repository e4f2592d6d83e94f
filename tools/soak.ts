/**
 * `npm run soak`: runs lifecycles of images under random faults for five minutes, then 200,000 requests and 20,000
 * waits with 5 % faults while it monitors memory, sockets, listeners and warnings. Fails when a check fails. For less:
 *
 *     npm run soak -- --chaos 10 --requests 20000 --waits 2000
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos/lifecycle';
import { growth, type Sample } from './soak/gauge';
import { CALLERS, type LoadReport, runLoad, WAITERS } from './soak/load';

const { values: options } = parseArgs({
  options: {
    /** Seconds. */
    chaos: { type: 'string', default: '300' },
    requests: { type: 'string', default: '200000' },
    waits: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '2026' },
  },
});

/** The share of a run in which code is compiled and pools and caches fill. */
const WARM_UP = 0.3;
const SAMPLES = 40;
/** Megabytes per 10,000 requests. */
const MAX_GROWTH = 1;
/** Requests from which on resident memory is checked; in shorter runs it is too noisy, and the heap may grow more. */
const LONG = 50_000;
/** One connection per call, and 32 for pages that polls and listings request ahead. */
const MAX_SOCKETS = CALLERS + WAITERS + 32;
/** On the two signals and on the process. */
const MAX_LISTENERS = 20;

/** Prints whether something holds; the run fails if not. */
function check(holds: boolean, what: string): void {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (!holds) process.exitCode = 1;
}

const count = (number: number): string => number.toLocaleString('en');
const named = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, times]) => `${name} ${count(times)}`).join(', ') || 'none';

async function chaos(seconds: number): Promise<void> {
  const report = await runChaos({ atMost: seconds * 1_000, workers: 20, seed: Number(options.seed) });
  const { completed, failed, requests, connections, lost, errors, violations } = report;
  console.log(`chaos, ${seconds} s, seed ${options.seed}`);
  console.log(`     ${count(requests)} requests over ${count(connections)} connections`);
  console.log(`     errors that ended lifecycles: ${named(errors)}`);
  console.log(
    `     lost responses: ${lost.found} found, ${lost.absent} not carried out, ${lost.undecided} undecided`,
  );
  for (const violation of violations.slice(0, 20)) console.log(`     ! ${violation}`);
  check(
    completed > 0,
    `${count(completed)} lifecycles completed, ${count(failed)} ended by an error of the library`,
  );
  check(violations.length === 0, `${violations.length} broken invariants`);
}

async function soak(requests: number, waits: number): Promise<void> {
  const server = fork(join(__dirname, 'soak', 'server.ts'));
  try {
    const every = Math.max(100, Math.floor(requests / SAMPLES));
    console.log(
      `load, ${count(requests)} requests and ${count(waits)} waits, 5 % of the requests meet a fault`,
    );
    const target = await started(server);
    checkReport(await runLoad(target, { requests, waits, every, onSample: printSample }));
  } finally {
    server.disconnect();
  }
}

function started(server: ChildProcess): Promise<{ url: string; token: string }> {
  return new Promise((resolve, reject) => {
    server.once('message', (message) => resolve(message as { url: string; token: string }));
    server.once('exit', () => reject(new Error('the server exited')));
  });
}

function printSample({ requests, heap, rss, sockets, listeners }: Sample): void {
  const line = [
    `${count(requests).padStart(9)} requests`,
    `heap ${heap.toFixed(1)} MB`,
    `rss ${rss.toFixed(1)} MB`,
    `${sockets} sockets`,
    `${listeners} listeners`,
  ];
  console.log(`     ${line.join(', ')}`);
}

function checkReport(report: LoadReport): void {
  const { requests, waits, retries, aborted, errors, samples, left, duration } = report;
  const speed = Math.round((1_000 * requests) / duration);
  console.log(
    `     ${(duration / 1_000).toFixed(0)} s, ${count(speed)} requests a second, ${count(retries)} retries`,
  );
  console.log(`     ${count(aborted)} calls aborted; errors: ${named(errors)}`);
  for (const violation of report.violations.slice(0, 20)) console.log(`     ! ${violation}`);
  check(report.violations.length === 0, `${report.violations.length} broken invariants`);
  check(requests >= Number(options.requests), `${count(requests)} requests`);
  check(waits >= Number(options.waits), `${count(waits)} waits`);
  const settled = samples.slice(Math.floor(samples.length * WARM_UP));
  const isLong = requests >= LONG;
  const allowed = isLong ? MAX_GROWTH : MAX_GROWTH + 10_000 / (requests * (1 - WARM_UP));
  for (const memory of isLong ? (['heap', 'rss'] as const) : (['heap'] as const)) {
    const grown = growth(settled, memory);
    check(
      grown <= allowed,
      `${memory}: ${grown.toFixed(3)} MB per 10,000 requests after warm-up, ${allowed.toFixed(1)} at most`,
    );
  }
  check(report.maxSockets <= MAX_SOCKETS, `${report.maxSockets} sockets at once, ${MAX_SOCKETS} at most`);
  const listeners = Math.max(...settled.map((sample) => sample.listeners));
  check(listeners <= MAX_LISTENERS, `${listeners} listeners at once, ${MAX_LISTENERS} at most`);
  check(
    left.sockets === 0 && left.listeners === 0,
    `after close(): ${left.sockets} sockets, ${left.listeners} listeners`,
  );
  check(left.objects === 0, `${left.objects} images, actions and listings stay in memory`);
  check(report.warnings.length === 0, `${report.warnings.length} warnings ${report.warnings.join('; ')}`);
}

async function main(): Promise<void> {
  if (Number(options.chaos) > 0) await chaos(Number(options.chaos));
  if (Number(options.requests) > 0) await soak(Number(options.requests), Number(options.waits));
}

void main();
