import { describe, expect, it } from '@jest/globals';
import { manyShort, oneWait } from '../bench/simulate/crowds';
import { isMet } from '../bench/simulate/row';

describe('npm run simulate', () => {
  it('tells of 200 actions of 200 images with a handful of looks', async () => {
    const row = await manyShort();
    expect([row, isMet(row)]).toEqual([row, true]);
  });

  it('never asks more for one wait than the usual loop', async () => {
    const row = await oneWait();
    expect([row, isMet(row)]).toEqual([row, true]);
  }, 30_000);
});
