import { join } from 'node:path';
import type { Case } from './case';
import { pathIn, PROGRAM_TS, projectOf, runIn, runJob, versionOf } from './programs';

/** Packages with TypeScript, and the newest types of Node that each can read. */
const VERSIONS = {
  'typescript-5.0': 'types-node-5.0',
  'typescript-5.4': 'types-node-5.4',
  'typescript-5.9': 'types-node-latest',
  typescript: 'types-node-latest',
  'typescript-7.0': 'types-node-latest',
};

/** The ways to resolve modules: options, and the files of a program, which choose between an ES module and CommonJS. */
const MODULES: Readonly<Record<string, { options: object; files: readonly string[] }>> = {
  nodenext: { options: { module: 'nodenext' }, files: ['program.mts', 'program.cts'] },
  node16: { options: { module: 'node16' }, files: ['program.mts', 'program.cts'] },
  bundler: { options: { module: 'esnext', moduleResolution: 'bundler' }, files: ['program.mts'] },
  commonjs: { options: { module: 'commonjs' }, files: ['program.ts'] },
};

/** Each with and without the others. */
const SWITCHES = ['skipLibCheck', '@types/node', 'exactOptionalPropertyTypes'] as const;
type Switch = (typeof SWITCHES)[number];

/** All subsets of the switches. */
const COMBINATIONS: readonly (readonly Switch[])[] = SWITCHES.reduce<readonly (readonly Switch[])[]>(
  (sets, one) => [...sets, ...sets.map((set) => [...set, one])],
  [[]],
);

/** The name of a version of TypeScript, and of a way to resolve modules, in the names of cases. */
export const TYPESCRIPT_NAMES = Object.keys(VERSIONS).map((name) => `TypeScript ${versionOf(name)}`);
export const MODULE_NAMES = Object.keys(MODULES);

export const TYPESCRIPT: readonly Case[] = Object.entries(VERSIONS).flatMap(([compiler, types]) =>
  Object.entries(MODULES).flatMap(([module, { options, files }]) =>
    COMBINATIONS.map((switches) => ({
      group: 'TypeScript' as const,
      name: `TypeScript ${versionOf(compiler)}, ${module}, ${switches.join(' + ') || 'strict'}`,
      run: async (consumer) => {
        const hasNode = switches.includes('@types/node');
        const compilerOptions = {
          ...options,
          target: 'es2022',
          lib: ['es2022'],
          strict: true,
          types: hasNode ? ['node'] : [],
          skipLibCheck: switches.includes('skipLibCheck'),
          exactOptionalPropertyTypes: switches.includes('exactOptionalPropertyTypes'),
        };
        const programs = Object.fromEntries(files.map((file) => [file, PROGRAM_TS]));
        const config = { 'tsconfig.json': JSON.stringify({ compilerOptions, files }) };
        const folder = await projectOf(
          consumer,
          { ...programs, ...config },
          hasNode ? { '@types/node': types } : {},
        );
        await runIn(folder, process.execPath, [
          pathIn(compiler, 'bin/tsc'),
          '-p',
          join(folder, 'tsconfig.json'),
        ]);
        for (const file of files) await runJob(folder, process.execPath, [file.replace(/ts$/, 'js')]);
      },
    })),
  ),
);
