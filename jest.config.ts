/** @jest-config-loader-options {"transpileOnly": true} */
import type { Config } from 'jest';

/** `npm test`: every promise, with samples where cases are many. `jest.all.config.ts` runs every case. */
const config: Config = {
  roots: ['<rootDir>/spec'],
  testMatch: ['**/*.spec.ts'],
  // The contract run and the build have packages and modules of their own.
  modulePathIgnorePatterns: ['<rootDir>/spec/contract/node_modules', '<rootDir>/dist'],
  testEnvironment: 'node',
  // Jest leaves one core idle by default, which is half of a small machine.
  maxWorkers: '100%',
  // `npm run typecheck` checks the types; compiling alone is several times as fast.
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json', isolatedModules: true }] },
  restoreMocks: true,
};

export default config;
