/** @jest-config-loader-options {"transpileOnly": true} */
import type { Config } from 'jest';
import config from './jest.config';

/** `npm run test:all`: every case of the specs that `npm test` takes samples of, which are those with `spec/support/scale.ts`. */
const all: Config = { ...config, globals: { ALL_CASES: true } };

export default all;
