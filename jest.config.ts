/** @jest-config-loader-options {"transpileOnly": true} */
import type { Config } from 'jest';

const config: Config = {
  roots: ['<rootDir>/spec'],
  testMatch: ['**/*.spec.ts'],
  // What the contract run installs is its own.
  modulePathIgnorePatterns: ['<rootDir>/spec/contract/node_modules', '<rootDir>/dist'],
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  // The REPL and the command run in processes of their own (spec/repl, spec/sandbox/command.spec.ts).
  collectCoverageFrom: ['<rootDir>/lib/**/*.ts', '!<rootDir>/lib/repl/**', '!<rootDir>/lib/cli.ts'],
  coverageReporters: ['text-summary', 'lcovonly', 'json-summary'],
  coverageThreshold: { global: { branches: 95, functions: 95, lines: 95, statements: 95 } },
  restoreMocks: true,
};

export default config;
