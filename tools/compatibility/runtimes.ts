import { join } from 'node:path';
import { NODES } from '../../spec/repl/nodes/versions';
import type { Case } from './case';
import { javascriptOf, pathIn, PROGRAM_TS, projectOf, runJob, versionOf } from './programs';

interface Runtime {
  name: string;
  program: string;
  args: readonly string[];
  always: boolean;
  /** Whether it runs TypeScript as it is. */
  runsTypeScript: boolean;
}

/** From this version on, Node runs TypeScript without an option. */
const STRIPS_TYPES = 22;

const RUNTIMES_TRIED: readonly Runtime[] = [
  ...NODES.map(({ version, program }) => ({
    name: `Node ${version}`,
    program,
    args: [],
    always: true,
    runsTypeScript: Number(version.split('.')[0]) >= STRIPS_TYPES,
  })),
  {
    name: `Bun ${versionOf('@oven/bun-linux-x64')}`,
    program: pathIn('@oven/bun-linux-x64', 'bin/bun'),
    args: ['run'],
    always: false,
    runsTypeScript: true,
  },
  {
    name: `Deno ${versionOf('@deno/linux-x64-glibc')}`,
    program: pathIn('@deno/linux-x64-glibc', 'deno'),
    // Packages come from node_modules, as npm has installed them.
    args: ['run', '--allow-all', '--node-modules-dir=manual'],
    always: false,
    runsTypeScript: true,
  },
];

const PROGRAMS = {
  'ES module': ['program.mjs', javascriptOf(PROGRAM_TS, 'mjs')],
  CommonJS: ['program.cjs', javascriptOf(PROGRAM_TS, 'cjs')],
  'TypeScript as it is': ['program.mts', PROGRAM_TS],
} as const;

export const RUNTIMES: readonly Case[] = RUNTIMES_TRIED.flatMap(
  ({ name, program, args, always, runsTypeScript }) =>
    Object.entries(PROGRAMS)
      .filter(([, [file]]) => runsTypeScript || !file.endsWith('.mts'))
      .map(([kind, [file, code]]) => ({
        group: 'Runtimes' as const,
        name: `${name}, ${kind}`,
        always,
        run: async (consumer) => {
          const folder = await projectOf(consumer, { [file]: code, 'package.json': '{"private":true}' });
          const cache = { DENO_DIR: join(consumer.folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' };
          await runJob(folder, program, [...args, file], cache);
        },
      })),
);
