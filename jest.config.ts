/** @jest-config-loader-options {"transpileOnly": true} */
import type { Config } from 'jest';

/** `npm test`: every promise, with samples where cases are many. `jest.all.config.ts` runs every case. */
const config: Config = {
  roots: ['<rootDir>/spec'],
  testMatch: ['**/*.spec.ts'],
  // The contract run and the build have packages and modules of their own.
  modulePathIgnorePatterns: ['<rootDir>/spec/contract/node_modules', '<rootDir>/dist'],
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/spec/support/stack-limit.ts'],
  // Jest leaves one core idle by default, which is half of a small machine.
  maxWorkers: '100%',
  // ts-jest compiles without checking types, since tsconfig.json has `isolatedModules`; `npm run typecheck` checks them.
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  // A test that hangs fails; one that computes on a busy machine does not.
  testTimeout: 60_000,
  restoreMocks: true,
};

export default config;
