/** @jest-config-loader-options {"transpileOnly": true} */
import type { Config } from 'jest';
import config from './jest.config';

/** `npm run test:all`: every case of every promise (`spec/support/scale.ts`), and coverage. */
const all: Config = {
  ...config,
  globals: { ALL_CASES: true },
  collectCoverage: true,
  // The REPL and the command run in processes of their own (spec/repl, spec/sandbox/command.spec.ts).
  collectCoverageFrom: ['<rootDir>/lib/**/*.ts', '!<rootDir>/lib/repl/**', '!<rootDir>/lib/cli.ts'],
  coverageReporters: ['text-summary', 'lcovonly', 'json-summary'],
  coverageThreshold: { global: { branches: 95, functions: 95, lines: 95, statements: 95 } },
};

export default all;
