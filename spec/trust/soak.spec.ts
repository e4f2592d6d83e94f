import { describe, expect, it } from '@jest/globals';
import { growth, type Sample } from '../../tools/soak/gauge';
import { runProgram } from '../support/program';
import { scaled } from '../support/scale';

describe('a program that sends requests and waits for a long time, with faults in 5 % of the requests', () => {
  it('leaks nothing: no memory, socket, listener, warning or object of the library', async () => {
    // `npm run soak` sends 200,000 requests and waits 20,000 times.
    const [requests, waits] = scaled(['8000', '640'], ['5000', '400']);
    const args = ['--chaos', '0', '--requests', requests, '--waits', waits];
    const { output, code } = await runProgram('tools/soak.ts', { args });
    const verdicts = output.split('\n').filter((line) => /^(ok {2}|FAIL) /.test(line));
    expect(verdicts.filter((line) => !line.startsWith('ok'))).toEqual([]);
    expect(verdicts).toHaveLength(9);
    expect(code).toBe(0);
  }, 90_000);
});

describe('the growth of memory', () => {
  const samples = (heap: (requests: number) => number): Sample[] =>
    Array.from({ length: 20 }, (_, at) => at * 1_000).map((requests) => ({
      requests,
      heap: heap(requests),
      rss: 0,
      sockets: 0,
      listeners: 0,
    }));

  it('is measured per 10,000 requests', () => {
    expect(
      growth(
        samples((requests) => 40 + requests / 5_000),
        'heap',
      ),
    ).toBeCloseTo(2);
    expect(
      growth(
        samples(() => 40),
        'heap',
      ),
    ).toBe(0);
  });

  it('ignores what is freed again', () => {
    expect(
      Math.abs(
        growth(
          samples((requests) => 40 + ((requests / 1_000) % 2)),
          'heap',
        ),
      ),
    ).toBeLessThan(0.1);
  });
});
