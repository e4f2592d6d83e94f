import { expect, jest } from '@jest/globals';
import { type Block, run } from './readme';

/** Whether a block is a file of tests. */
export function isTest({ code }: Block): boolean {
  return /from '(@jest\/globals|vitest|node:test)'/.test(code);
}

/** Runs the tests in a block, one after the other. @returns their names */
export async function runTests(block: Block, modules: Readonly<Record<string, object>>): Promise<string[]> {
  const tests = new Map<string, () => Promise<void>>();
  const test = (name: string, body: () => Promise<void>): void => void tests.set(name, body);
  const describe = (_name: string, body: () => void): void => body();
  await run(block, {
    ...modules,
    '@jest/globals': { describe, expect, it: test, jest, test },
    vitest: { expect, test },
    'node:test': { __esModule: true, default: test },
  });
  for (const body of tests.values()) await body();
  return [...tests.keys()];
}
