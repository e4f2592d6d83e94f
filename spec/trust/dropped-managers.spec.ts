import { describe, expect, it } from '@jest/globals';
import { runProgram } from '../support/program';
import { scaled } from '../support/scale';

describe('managers and iterations that are dropped, neither closed nor read to the end', () => {
  it('leave nothing on a signal that outlives them, and no memory', async () => {
    const args = [String(scaled(10_000, 3_000))];
    const { output, errors } = await runProgram('spec/trust/programs/drop-managers.ts', { args });
    expect(errors).toBe('');
    const { bytes, listeners } = JSON.parse(output) as { bytes: number; listeners: number };
    expect(listeners).toBeLessThanOrEqual(1);
    // A manager that stays takes more than 8,000 bytes.
    expect(bytes).toBeLessThan(1_000);
  }, 90_000);
});
