import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { runProgram } from '../support/program';
import { DONE, JOBS } from './jobs';

const NAMES = Object.keys(DONE) as (keyof typeof DONE)[];

describe('under the fake timers of Jest', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each(NAMES)('%s works', async (job) => {
    jest.useFakeTimers();
    expect(await JOBS[job]()).toEqual(DONE[job]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

/** Vitest has those of Sinon. */
const KINDS = [
  'sinon:setTimeout,clearTimeout',
  'sinon:setImmediate',
  'sinon:Date,performance,hrtime',
  'sinon:queueMicrotask',
  'sinon:all but nextTick',
  'node:all',
  'by hand:never setTimeout',
  'by hand:never setImmediate',
  'by hand:never',
  'by hand:at once',
  'by hand:stopped clocks',
];

describe('under fake timers, in a process of their own', () => {
  it('calls, retries, waits and listings work: over HTTP, and in a sandbox in process and over HTTP', async () => {
    const { output, errors, code } = await runProgram('spec/fake-timers/program.ts', {
      args: [NAMES.join(), ...KINDS],
    });
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    expect(JSON.parse(output)).toEqual(Object.fromEntries(KINDS.map((kind) => [kind, DONE])));
  }, 60_000);

  it('a sandbox in process works also without process.nextTick, which Node needs for sockets', async () => {
    const kinds = ['sinon:nextTick', 'sinon:all'];
    const { output, errors, code } = await runProgram('spec/fake-timers/program.ts', {
      args: ['inProcess', ...kinds],
    });
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    const { inProcess } = DONE;
    expect(JSON.parse(output)).toEqual(Object.fromEntries(kinds.map((kind) => [kind, { inProcess }])));
  }, 60_000);
});
