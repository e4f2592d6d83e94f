/** @jest-config-loader-options {"transpileOnly": true} */
import type { Config } from 'jest';
import { availableParallelism } from 'node:os';

/** Every case of what has many, as in CI and in `npm run test:all`. `npm test` takes samples (`spec/support/scale.ts`). */
const ALL_CASES = process.env.ALL_CASES !== undefined;

const config: Config = {
  roots: ['<rootDir>/spec'],
  testMatch: ['**/*.spec.ts'],
  // The contract run and the build have packages and modules of their own.
  modulePathIgnorePatterns: ['<rootDir>/spec/contract/node_modules', '<rootDir>/dist'],
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/spec/support/stack-limit.ts'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/spec/support/fast-check.cjs' },
  // Many specs wait for processes, terminals, sockets and Redis: with a worker for each core, a fifth of the cores is idle.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  testSequencer: '<rootDir>/spec/support/slow-first.cjs',
  // A worker keeps some of every spec that it has run; with gigabytes, simulations take five times as long.
  workerIdleMemoryLimit: '1GB',
  // ts-jest compiles without checking types, since tsconfig.json has `isolatedModules`; `npm run typecheck` checks them.
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  // A test that hangs fails; one that computes on a busy machine does not.
  testTimeout: ALL_CASES ? 300_000 : 60_000,
  restoreMocks: true,
  globals: ALL_CASES ? { ALL_CASES } : {},
  // With `--coverage`. The REPL and the command run in processes of their own (spec/repl, spec/sandbox/command.spec.ts).
  collectCoverageFrom: ['<rootDir>/lib/**/*.ts', '!<rootDir>/lib/repl/**', '!<rootDir>/lib/cli.ts'],
  coverageReporters: ['text-summary', 'lcovonly', 'json-summary'],
  coverageThreshold: { global: { branches: 95, functions: 95, lines: 95, statements: 95 } },
};

export default config;
