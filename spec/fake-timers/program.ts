/**
 * Does the jobs under fake timers of each kind that its arguments name, and writes the results:
 * `program.ts retried,inProcess sinon:setTimeout,clearTimeout node:all`.
 */
import { writeSync } from 'node:fs';
import { mock } from 'node:test';
import timers, { setTimeout } from 'node:timers';
import { install, type FakeMethod } from '@sinonjs/fake-timers';
import { JOBS } from './jobs';

type Undo = () => void;
type Fakes = Readonly<Record<string, unknown>>;

/** Replaces functions of the globals and of `node:timers`. */
function replace(fakes: Fakes): Undo {
  const places = [globalThis, timers].map((target) => {
    const own = Object.keys(fakes).filter((name) => name in target);
    return {
      target,
      real: Object.fromEntries(own.map((name) => [name, Reflect.get(target, name) as unknown])),
    };
  });
  for (const { target, real } of places) {
    for (const name of Object.keys(real)) Reflect.set(target, name, fakes[name]);
  }
  return () => {
    for (const { target, real } of places) Object.assign(target, real);
  };
}

const never = (): object => ({});
const atOnce = (callback: () => void): object => (callback(), {});

class FirstOfJanuary1970 extends Date {
  constructor() {
    super(0);
  }
  static override now(): number {
    return 0;
  }
}

/** Fakes made by hand, as with `jest.spyOn(global, 'setTimeout').mockImplementation(…)`. */
const BY_HAND: Readonly<Record<string, Fakes>> = {
  'never setTimeout': { setTimeout: never },
  'never setImmediate': { setImmediate: never },
  never: { setTimeout: never, setInterval: never, setImmediate: never, queueMicrotask: never },
  'at once': { setTimeout: atOnce, setInterval: atOnce, setImmediate: atOnce },
  'stopped clocks': { Date: FirstOfJanuary1970, performance: { now: () => 0 } },
};

function fake(kind: string): Undo {
  const [library = '', what = ''] = kind.split(':');
  if (library === 'by hand') return replace(BY_HAND[what] ?? {});
  if (library === 'node') {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
    return () => mock.timers.reset();
  }
  const names = what.replace('all but ', '').split(',') as FakeMethod[];
  const clock = install(
    what.startsWith('all but ') ? { toNotFake: names } : what === 'all' ? {} : { toFake: names },
  );
  return () => clock.uninstall();
}

async function main([jobs = '', ...kinds]: string[]): Promise<void> {
  const results: Record<string, Record<string, unknown>> = {};
  for (const kind of kinds) {
    const done: Record<string, unknown> = (results[kind] = {});
    const undo = fake(kind);
    for (const job of jobs.split(',') as (keyof typeof JOBS)[]) done[job] = await JOBS[job]();
    undo();
  }
  writeSync(1, JSON.stringify(results));
  process.exit(0);
}

setTimeout(() => {
  writeSync(2, 'no end within 45 s');
  process.exit(1);
}, 45_000);
void main(process.argv.slice(2));
