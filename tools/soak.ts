/**
 * `npm run soak`: five minutes of lives of images through random faults, then 200,000 requests and 20,000 waits with 5 %
 * faults while memory, sockets, listeners and warnings are watched. Fails when anything does not hold. For less:
 *
 *     npm run soak -- --chaos 10 --requests 20000 --waits 2000
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { live } from './chaos/life';
import { growth, type Sample } from './soak/gauge';
import { ASKERS, type Report, WAITERS, work } from './soak/load';

const { values: wanted } = parseArgs({
  options: {
    /** Seconds. */
    chaos: { type: 'string', default: '300' },
    requests: { type: 'string', default: '200000' },
    waits: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '2026' },
  },
});

/** So much of a run warms up: code is compiled, pools and caches fill. */
const WARM_UP = 0.3;
const SAMPLES = 40;
/** Megabytes for 10,000 requests. */
const MOST_GROWTH = 1;
/** In a shorter run a megabyte more or less is no sign of anything, and what the process has got from the system is none. */
const LONG = 50_000;
/** A call has one connection; looks and listings may read this many pages ahead. */
const MOST_SOCKETS = ASKERS + WAITERS + 32;
/** On the two signals and on the process. */
const MOST_LISTENERS = 20;

/** Says whether something holds, and makes the run fail if not. */
function judge(holds: boolean, what: string): void {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (!holds) process.exitCode = 1;
}

const count = (number: number): string => number.toLocaleString('en');
const named = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, times]) => `${name} ${count(times)}`).join(', ') || 'none';

async function chaos(seconds: number): Promise<void> {
  const told = await live({ atMost: seconds * 1_000, workers: 20, seed: Number(wanted.seed) });
  const { lives, cutShort, requests, connections, lost, errors, violations } = told;
  console.log(`chaos, ${seconds} s, seed ${wanted.seed}`);
  console.log(`     ${count(requests)} requests over ${count(connections)} connections`);
  console.log(`     errors that cut lives short: ${named(errors)}`);
  console.log(
    `     lost answers: ${lost.found} found, ${lost.absent} not carried out, ${lost.undecided} undecided`,
  );
  for (const violation of violations.slice(0, 20)) console.log(`     ! ${violation}`);
  judge(
    lives > 0,
    `${count(lives)} lives led to their end, ${count(cutShort)} cut short by an error of ours`,
  );
  judge(violations.length === 0, `${violations.length} broken invariants`);
}

async function soak(requests: number, waits: number): Promise<void> {
  const server = fork(join(__dirname, 'soak', 'server.ts'));
  try {
    const every = Math.max(100, Math.floor(requests / SAMPLES));
    console.log(
      `load, ${count(requests)} requests and ${count(waits)} waits, 5 % of the requests meet a fault`,
    );
    const report = await work(await hello(server), { requests, waits, every, onSample: tell });
    conclude(report);
  } finally {
    server.disconnect();
  }
}

function hello(server: ChildProcess): Promise<{ url: string; token: string }> {
  return new Promise((resolve, reject) => {
    server.once('message', (message) => resolve(message as { url: string; token: string }));
    server.once('exit', () => reject(new Error('the server has ended')));
  });
}

function tell({ requests, heap, rss, sockets, listeners }: Sample): void {
  const line = [
    `${count(requests).padStart(9)} requests`,
    `heap ${heap.toFixed(1)} MB`,
    `rss ${rss.toFixed(1)} MB`,
    `${sockets} sockets`,
    `${listeners} listeners`,
  ];
  console.log(`     ${line.join(', ')}`);
}

function conclude(report: Report): void {
  const { requests, waits, retries, aborted, errors, samples, left, took } = report;
  const speed = Math.round((1_000 * requests) / took);
  console.log(
    `     ${(took / 1_000).toFixed(0)} s, ${count(speed)} requests a second, ${count(retries)} retries`,
  );
  console.log(`     ${count(aborted)} calls given up; errors: ${named(errors)}`);
  for (const violation of report.violations.slice(0, 20)) console.log(`     ! ${violation}`);
  judge(report.violations.length === 0, `${report.violations.length} broken invariants`);
  judge(requests >= Number(wanted.requests), `${count(requests)} requests`);
  judge(waits >= Number(wanted.waits), `${count(waits)} waits`);
  const settled = samples.slice(Math.floor(samples.length * WARM_UP));
  const isLong = requests >= LONG;
  const most = isLong ? MOST_GROWTH : MOST_GROWTH + 10_000 / (requests * (1 - WARM_UP));
  for (const of of isLong ? (['heap', 'rss'] as const) : (['heap'] as const)) {
    const grown = growth(settled, of);
    judge(
      grown <= most,
      `${of}: ${grown.toFixed(3)} MB for 10,000 requests after warm-up, ${most.toFixed(1)} at most`,
    );
  }
  judge(report.mostSockets <= MOST_SOCKETS, `${report.mostSockets} sockets at once, ${MOST_SOCKETS} at most`);
  const listeners = Math.max(...settled.map((sample) => sample.listeners));
  judge(listeners <= MOST_LISTENERS, `${listeners} listeners at once, ${MOST_LISTENERS} at most`);
  judge(
    left.sockets === 0 && left.listeners === 0,
    `after close(): ${left.sockets} sockets, ${left.listeners} listeners`,
  );
  judge(left.objects === 0, `${left.objects} images, actions and listings are left in memory`);
  judge(report.warnings.length === 0, `${report.warnings.length} warnings ${report.warnings.join('; ')}`);
}

async function main(): Promise<void> {
  if (Number(wanted.chaos) > 0) await chaos(Number(wanted.chaos));
  if (Number(wanted.requests) > 0) await soak(Number(wanted.requests), Number(wanted.waits));
}

void main();
