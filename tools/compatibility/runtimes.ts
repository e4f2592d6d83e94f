import { join } from 'node:path';
import type { Consumer } from '../support/consumer';
import { NODES } from '../nodes/versions';
import type { Case } from './case';
import { javascriptOf, pathIn, PROGRAM_TS, projectOf, runIn, runJob, versionOf } from './programs';

interface Runtime {
  name: string;
  program: string;
  args: readonly string[];
  /** Whether it runs TypeScript as it is. */
  runsTypeScript: boolean;
  /** Whether it runs the session. */
  runsSession: boolean;
}

/** From this version on, Node runs TypeScript without an option. */
const STRIPS_TYPES = 22;

const RUNTIMES_TRIED: readonly Runtime[] = [
  ...NODES.map(({ version, program }) => ({
    name: `Node ${version}`,
    program,
    args: [],
    runsTypeScript: Number(version.split('.')[0]) >= STRIPS_TYPES,
    runsSession: true,
  })),
  {
    name: `Bun ${versionOf('@oven/bun-linux-x64')}`,
    program: pathIn('@oven/bun-linux-x64', 'bin/bun'),
    args: ['run'],
    runsTypeScript: true,
    runsSession: true,
  },
  {
    name: `Deno ${versionOf('@deno/linux-x64-glibc')}`,
    program: pathIn('@deno/linux-x64-glibc', 'deno'),
    // Packages come from node_modules, as npm has installed them.
    args: ['run', '--allow-all', '--node-modules-dir=manual'],
    runsTypeScript: true,
    runsSession: false,
  },
];

const PROGRAMS = {
  'ES module': ['program.mjs', javascriptOf(PROGRAM_TS, 'mjs')],
  CommonJS: ['program.cjs', javascriptOf(PROGRAM_TS, 'cjs')],
  'TypeScript as it is': ['program.mts', PROGRAM_TS],
} as const;

export const RUNTIMES: readonly Case[] = RUNTIMES_TRIED.flatMap(
  ({ name, program, args, runsTypeScript, runsSession }) => {
    const caseOf = (kind: string, run: Case['run']): Case => ({
      group: 'Runtimes',
      name: `${name}, ${kind}`,
      run,
    });
    const programs = Object.entries(PROGRAMS)
      .filter(([, [file]]) => runsTypeScript || !file.endsWith('.mts'))
      .map(([kind, [file, code]]) =>
        caseOf(kind, async (consumer) => {
          const folder = await projectOf(consumer, { [file]: code, 'package.json': '{"private":true}' });
          const cache = { DENO_DIR: join(consumer.folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' };
          await runJob(folder, program, [...args, file], cache);
        }),
      );
    const session = caseOf('a line of the session', (consumer) => runLine(consumer, program, args));
    return runsSession ? [...programs, session] : programs;
  },
);

/** Runs a line of the session on its sandbox. */
async function runLine(consumer: Consumer, program: string, args: readonly string[]): Promise<void> {
  const line = '(await api.fetchImage(63663001)).name';
  const cli = join(consumer.installed, 'dist/cli.js');
  const printed = await runIn(consumer.folder, program, [...args, cli, '--sandbox', '--js', '-e', line]);
  if (printed.trim() !== "'web-00-snapshot'") throw new Error(`The session printed ${printed}`);
}
