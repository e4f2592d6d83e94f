import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case } from './case';
import { javascriptOf, PROGRAM_TS, projectOf, runIn, runJob, versionOf } from './programs';

const COMPILERS = ['typescript-5.0', 'typescript', 'typescript-7.0'].map(versionOf);
const OPTIONS = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

/** npm installs the tarball and TypeScript into one project, in this order: neither may refuse or replace the other. */
export const INSTALLATION: readonly Case[] = COMPILERS.flatMap((version) =>
  [true, false].map((isFirst) => ({
    group: 'Installation' as const,
    name: isFirst ? `npm, after TypeScript ${version}` : `npm, before TypeScript ${version}`,
    run: async (consumer) => {
      const folder = await projectOf(consumer, {
        'package.json': '{"private":true}',
        'program.mjs': javascriptOf(PROGRAM_TS, 'mjs'),
      });
      const compiler = ['--save-dev', `typescript@${version}`];
      for (const what of isFirst ? [compiler, [consumer.tarball]] : [[consumer.tarball], compiler])
        await runIn(folder, 'npm', ['install', ...OPTIONS, ...what]);
      const installed = await readFile(join(folder, 'node_modules/typescript/package.json'), 'utf8');
      const found = (JSON.parse(installed) as { version: string }).version;
      if (found !== version) throw new Error(`npm has installed TypeScript ${found}`);
      await runJob(folder, process.execPath, ['program.mjs']);
    },
  })),
);
