import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import * as library from '../../lib';
import * as sandboxLibrary from '../../lib/sandbox';
import { FAULTS } from '../../lib/sandbox/faults/faults';
import { ROOT } from '../support/program';
import { blocksOf, claimsOf, codeIn, compile, run, tableOf, type Block } from '../support/readme';

const page = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8');
const typescript = blocksOf(page, 'ts');
const isTest = ({ code }: Block): boolean => /from '(@jest\/globals|vitest|node:test)'/.test(code);
const byLine = (blocks: readonly Block[]): [number, Block][] => blocks.map((block) => [block.line, block]);

/** The tests in a block. */
async function testsIn(block: Block): Promise<Map<string, () => Promise<void>>> {
  const tests = new Map<string, () => Promise<void>>();
  const test = (name: string, body: () => Promise<void>): void => void tests.set(name, body);
  await run(block, {
    'doapi-ts': library,
    'doapi-ts/sandbox': sandboxLibrary,
    '@jest/globals': { expect, jest, test },
    vitest: { expect, test },
    'node:test': { __esModule: true, default: test },
    'node:assert/strict': { __esModule: true, default: assert },
  });
  return tests;
}

describe('the code in docs/testing.md', () => {
  it('compiles as a program of a user', () => {
    // Vitest is not installed. The types of its test and expect that are used here are those of Jest.
    const blocks = typescript.map(({ line, code }) => ({
      line,
      code: code.replace("'vitest'", "'@jest/globals'"),
    }));
    expect(compile(blocks)).toEqual([]);
  }, 60_000);

  it.each(byLine(typescript.filter((block) => !isTest(block))))(
    'prints what its comments say at line %i',
    async (_, block) => {
      expect(await run(block, { 'doapi-ts': library, 'doapi-ts/sandbox': sandboxLibrary })).toEqual(
        claimsOf(block),
      );
    },
  );

  it.each(byLine([...typescript, ...blocksOf(page, 'js')].filter(isTest)))(
    'holds tests that pass at line %i',
    async (_, block) => {
      const tests = await testsIn(block);
      expect(tests.size).toBeGreaterThan(1);
      for (const body of tests.values()) await body();
    },
  );
});

describe('the tables in docs/testing.md', () => {
  const rows = tableOf(page, 'Fault').map(([name = '', executes = '', , options = '']) => ({
    kind: codeIn(name)[0] ?? '',
    executes,
    options,
  }));

  it('list every fault in order, and whether the request is executed', () => {
    const faults = Object.entries(FAULTS).map(([kind, { executes }]) => [kind, executes ? 'yes' : 'no']);
    expect(rows.map(({ kind, executes }) => [kind, executes])).toEqual(faults);
  });

  it('list every option of every fault', () => {
    const optionsOf = (text: string): string[] => codeIn(text).filter((code) => /^[a-z]+$/i.test(code));
    const documented = rows.map(({ kind, options }) => [kind, optionsOf(options)]);
    const actual = Object.entries(FAULTS).map(([kind, { options = {} }]) => [kind, Object.keys(options)]);
    expect(documented).toEqual(actual);
  });
});
