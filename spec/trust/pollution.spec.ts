import { describe, expect, it } from '@jest/globals';
import { runProgram } from '../support/program';

describe('a program whose Object.prototype has the names of options', () => {
  it.each([
    ['after', []],
    ['before', ['early']],
  ])(
    'sends the same bytes: set %s the library was loaded',
    async (_when, args) => {
      const { output, code } = await runProgram('spec/trust/programs/polluted.ts', { args });
      expect(code).toBe(0);
      const { tried, sent, other } = JSON.parse(output) as { tried: number; sent: string[]; other: string[] };
      expect(tried).toBeGreaterThanOrEqual(20);
      expect(sent).toEqual(
        expect.arrayContaining(['GET /v2/images/5 HTTP/1.1', 'PUT /v2/images/5 HTTP/1.1']),
      );
      expect(other).toEqual([]);
    },
    60_000,
  );
});
