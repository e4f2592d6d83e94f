import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pollDelay } from '../../lib/polling/wait-options';
import { Sandbox } from '../../lib/sandbox';
import { COMPILE } from '../../spec/support/program';
import type { PollReportOfProcess, PollWork } from './poll-process';
import { type Case, type Row, rowCase } from './rows';

const INTERVAL = 5_000;
/** Seconds of DigitalOcean in a second of the machine: with more, sixteen processes have too little of two cores. */
const SPEED = 1;
const FIRST = 1_000;
const SECOND = 1_000;

interface PollRun {
  /** Polls that the server got. */
  requests: number;
  refusals: number;
  /** How late each process learned of each end, in pauses; none of a process that was killed. */
  lateness: number[];
}

interface PollRunOptions {
  processes: number;
  actions: number;
  /** The shortest and the longest time of an action, in milliseconds. */
  takes: readonly [number, number];
  /** Kills the leader so long after the start, in milliseconds. */
  killAt?: number;
}

/** Some processes that wait for the same actions, at a sandbox over HTTP with DigitalOcean's limits. */
async function run(redisPort: number, options: PollRunOptions): Promise<PollRun> {
  const { processes, actions, takes, killAt } = options;
  const children = Array.from({ length: processes }, () =>
    fork(join(__dirname, 'poll-process.ts'), { execArgv: COMPILE }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const [shortest, longest] = takes;
  const timeOf = (id: number): number => shortest + ((id - FIRST) * (longest - shortest)) / actions;
  const ids = Array.from({ length: actions }, (_, index) => FIRST + index);
  const result: PollRun = { requests: 0, refusals: 0, lateness: [] };
  const startedAt = Date.now();
  const sandbox = new Sandbox({
    clock: 'real',
    speed: SPEED,
    images: [{ id: 1, regions: ['nyc1'] }],
    actions: ids.map((id) => ({
      id,
      status: 'in-progress',
      type: 'transfer',
      resource_id: 1,
      started_at: new Date(startedAt).toISOString(),
    })),
    actionTime: ({ id }) => timeOf(id),
    onRequest: ({ status }) => {
      result.requests += 1;
      result.refusals += Number(status === 429);
    },
  });
  const { url, token, close } = await sandbox.listen();
  let leader: ChildProcess | null = null;
  const done = children.map(async (child) => {
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    child.on('message', (report: PollReportOfProcess) => {
      if (report.kind === 'leads' && report.leads) leader = child;
      if (report.kind !== 'ends') return;
      for (const [id, at] of report.ends) {
        const age = (at - startedAt) * SPEED;
        result.lateness.push((age - timeOf(id)) / pollDelay(INTERVAL, age));
      }
    });
    const work: PollWork = { url, token, redisPort, speed: SPEED, actions: ids };
    child.send(work);
    const [code, signal] = await ended;
    if (code !== 0 && signal !== 'SIGKILL') throw new Error('a process of the fleet has failed');
  });
  if (killAt !== undefined) {
    await sleep(killAt / SPEED);
    (leader as ChildProcess | null)?.kill('SIGKILL');
  }
  await Promise.all(done);
  await close();
  return result;
}

/** The pauses after which each process has learned of an end. */
const LATEST_PAUSES = 2;

/** One process and sixteen that wait for the same 1,000 actions. */
export const SHARED_POLLS: Case = {
  ...rowCase('1 → 16 processes that wait for the same 1,000 actions', ({ port }) => sharedPolls(port)),
  isAlone: true,
};

async function sharedPolls(port: number): Promise<Omit<Row, 'name'>> {
  const work = { actions: 1_000, takes: [20 * SECOND, 80 * SECOND] } as const;
  // Each has a token of its own.
  const [one, many] = await Promise.all([
    run(port, { ...work, processes: 1 }),
    run(port, { ...work, processes: 16 }),
  ]);
  const growth = (many.requests / one.requests - 1) * 100;
  const [late, lateOfOne] = [Math.max(...many.lateness), Math.max(...one.lateness)];
  return {
    result: `${one.requests} → ${many.requests} requests of polls (${growth.toFixed(1)} %), ${many.refusals} × 429; all ${many.lateness.length} ends learned within ${late.toFixed(2)} pauses (one process: ${lateOfOne.toFixed(2)})`,
    target: 'grow by at most 10 %; within 2 pauses',
    checks: [
      { what: 'the growth of polls in percent', value: growth, most: 10 },
      { what: 'the number of refusals', value: many.refusals, most: 0 },
      { what: 'the number of ends learned', value: many.lateness.length, least: 16 * work.actions },
      { what: 'the latest news in pauses', value: late, most: LATEST_PAUSES },
    ],
  };
}

/** They divide a pause into equal parts. */
const MOMENTS = Array.from({ length: 8 }, (_, part) => 11 * SECOND + (part * INTERVAL) / 8);

/** The leader is killed. */
export const KILLED_LEADER = rowCase(
  `kill -9 of the process that polls for four, at ${MOMENTS.length} moments`,
  ({ port }) => killedLeader(port),
);

async function killedLeader(port: number): Promise<Omit<Row, 'name'>> {
  const lateness: number[] = [];
  const measure = async (killAt: number): Promise<void> => {
    const options = { processes: 4, actions: 40, takes: [8 * SECOND, 22 * SECOND], killAt } as const;
    const { lateness: late } = await run(port, options);
    if (late.length !== 3 * options.actions) throw new Error(`the ends of ${late.length / 40} processes`);
    lateness.push(...late);
  };
  const half = MOMENTS.length / 2;
  for (const [index, killAt] of MOMENTS.slice(half).entries())
    await Promise.all([measure(MOMENTS[index] ?? 0), measure(killAt)]);
  const late = Math.max(...lateness);
  return {
    result: `all ${lateness.length} ends of the others learned, within ${late.toFixed(2)} pauses`,
    target: 'within 2 pauses',
    checks: [{ what: 'the latest news in pauses', value: late, most: LATEST_PAUSES }],
  };
}
