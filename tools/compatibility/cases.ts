import { BUNDLERS } from './bundlers';
import type { Case } from './case';
import { INSTALLATION } from './installation';
import { RUNTIMES } from './runtimes';
import { TESTS } from './tests';
import { TYPESCRIPT } from './typescript';

/** Everything that the package is used with. */
export const CASES: readonly Case[] = [...RUNTIMES, ...TYPESCRIPT, ...TESTS, ...BUNDLERS, ...INSTALLATION];

/** Of TypeScript, CI uses the oldest and the newest, with the setting that checks most and the fewest types. */
const TYPESCRIPT_FOR_CI = /^TypeScript (5\.0|7\.0)\.\d+, \w+, exactOptionalPropertyTypes$/;
export const CASES_FOR_CI = CASES.filter(
  ({ group, name }) => group !== 'TypeScript' || TYPESCRIPT_FOR_CI.test(name),
);

/** What is not run, and why. */
export const NOT_RUN: readonly (readonly [what: string, why: string])[] = [
  ['browsers', 'The API token has no place there; the library uses `node:http`.'],
  [
    'TypeScript 7 and the types of the session',
    'TypeScript 7 has no compiler API that ts-node can use. The session runs JavaScript then; `typescript@6` gives it types.',
  ],
  [
    '`moduleResolution: node10` with TypeScript 7',
    'TypeScript 7 has removed it. `module: commonjs` resolves as bundlers do there, and is run.',
  ],
  [
    '`module: preserve` with TypeScript 5.0',
    'It came with 5.4. The modules of bundlers are run as `esnext` with `moduleResolution: bundler`.',
  ],
  ['Vitest 5 on Node 20', 'Vitest 5 needs Node 22.12 or later; Vitest 3 is run there.'],
  [
    'the session on Deno',
    '`node:repl` of Deno has no `await` at the top level, and runs no line in a domain.',
  ],
  ['the session at a terminal of Bun', 'A line is run there. `npm run repl:nodes` runs terminals, on Node.'],
  [
    'Windows, macOS, arm64',
    'The programs are installed for Linux on x64. The package has no native code and no install script.',
  ],
];
