import { NODES } from '../nodes/versions';
import type { Case } from './case';
import { javascriptOf, pathIn, projectOf, RESULT, runIn, testOf, versionOf } from './programs';

const EXPECTED = JSON.stringify(RESULT);
const EXPECT = `expect(await job()).toEqual(${EXPECTED});`;

interface Runner {
  name: string;
  /** The test, by the name of its file; other files of the project. */
  files: Readonly<Record<string, string>>;
  program: string;
  args: readonly string[];
  /** Packages that the project has in its own node_modules. */
  packages?: Readonly<Record<string, string>>;
}

const nodeOf = (major: number): { version: string; program: string } => {
  const node = NODES.find(({ version }) => version.startsWith(`${major}.`));
  if (node === undefined) throw new Error(`tools/nodes has no Node ${major}`);
  return node;
};
const [OLDEST, VITEST_5] = [nodeOf(20), nodeOf(24)];

const onVitest = (alias: string, node: typeof OLDEST): Runner => ({
  name: `Vitest ${versionOf(alias)} on Node ${node.version}, TypeScript`,
  files: {
    'job.test.ts': testOf(`import { expect, test } from 'vitest';`, 'test', EXPECT),
    'package.json': '{"private":true}',
  },
  program: node.program,
  args: ['node_modules/vitest/vitest.mjs', 'run'],
  packages: { vitest: alias },
});

const JEST_TEST = testOf(`import { expect, test } from '@jest/globals';`, 'test', EXPECT);
const onJest = (kind: string, files: Runner['files'], packages: Runner['packages']): Runner => ({
  name: `Jest ${versionOf('jest')} on Node ${OLDEST.version}, ${kind}`,
  files,
  program: OLDEST.program,
  args: ['node_modules/jest/bin/jest.js'],
  packages: { jest: 'jest', '@jest/globals': '@jest/globals', ...packages },
});

const NODE_TEST = testOf(
  `import assert from 'node:assert/strict';\nimport test from 'node:test';`,
  'test',
  `assert.deepEqual(await job(), ${EXPECTED});`,
);

const RUNNERS: readonly Runner[] = [
  onJest('JavaScript', { 'job.test.js': javascriptOf(JEST_TEST, 'cjs'), 'package.json': '{"jest":{}}' }, {}),
  onJest(
    `TypeScript with ts-jest ${versionOf('ts-jest')}`,
    {
      'job.test.ts': JEST_TEST,
      'package.json': '{"jest":{"preset":"ts-jest"}}',
      'tsconfig.json':
        '{"compilerOptions":{"target":"es2022","module":"node16","strict":true,"skipLibCheck":true}}',
    },
    { 'ts-jest': 'ts-jest', typescript: 'typescript' },
  ),
  onVitest('vitest-3', OLDEST),
  onVitest('vitest-5', VITEST_5),
  ...NODES.map(({ version, program }) => ({
    name: `node:test of Node ${version}`,
    files: { 'job.test.mjs': javascriptOf(NODE_TEST, 'mjs') },
    program,
    args: ['--test', 'job.test.mjs'],
  })),
  {
    name: `bun test of Bun ${versionOf('@oven/bun-linux-x64')}`,
    files: { 'job.test.ts': testOf(`import { expect, test } from 'bun:test';`, 'test', EXPECT) },
    program: pathIn('@oven/bun-linux-x64', 'bin/bun'),
    args: ['test'],
  },
];

export const TESTS: readonly Case[] = RUNNERS.map(({ name, files, program, args, packages }) => ({
  group: 'Tests',
  name,
  run: async (consumer) => {
    await runIn(await projectOf(consumer, files, packages), program, args);
  },
}));
