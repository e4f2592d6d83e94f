import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Consumer } from '../support/consumer';
import type { Case } from './case';
import { javascriptOf, pathIn, PROGRAM_TS, projectOf, runIn, runJob, versionOf } from './programs';

const ESBUILD = `esbuild ${versionOf('esbuild')}`;
const ROLLUP = `Rollup ${versionOf('rollup')}`;
const WEBPACK = `webpack ${versionOf('webpack')}`;
const ENTRY = javascriptOf(PROGRAM_TS, 'mjs');

/** A warning fails, too; esbuild prints it. */
const esbuildBuild = (options: object): string => `
  const options = ${JSON.stringify(options)};
  const always = { bundle: true, minify: true, platform: 'node', logLevel: 'warning' };
  require('esbuild').build({ entryPoints: ['entry.mjs'], ...always, ...options }).then(({ warnings }) => {
    if (warnings.length > 0) process.exitCode = 1;
  });`;

/** An ES module that esbuild writes has no \`require\` of its own for the modules of Node. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

const ROLLUP_PLUGINS = ['commonjs', 'node-resolve'].map((name) => `@rollup/plugin-${name}`);
const rollupConfig = (format: string, file: string): string => `
  import commonjs from '@rollup/plugin-commonjs';
  import resolve from '@rollup/plugin-node-resolve';
  export default {
    input: 'entry.mjs',
    output: { file: '${file}', format: '${format}', inlineDynamicImports: true },
    plugins: [resolve({ preferBuiltins: true }), commonjs()],
  };`;

const webpackBuild = (options: object, file: string): string => `
  const webpack = require('webpack');
  const { join } = require('node:path');
  const options = ${JSON.stringify(options)};
  const output = { path: __dirname, filename: '${file}', ...options.output };
  webpack(
    { mode: 'production', target: 'node', entry: './entry.mjs', context: __dirname, ...options, output },
    (error, stats) => {
      if (error || stats.hasErrors()) throw error ?? new Error(stats.toString());
    },
  );`;

/** Builds one file; that file is run away from all packages. */
async function bundled(
  consumer: Consumer,
  file: string,
  files: Readonly<Record<string, string>>,
  packages: readonly string[],
  args: readonly string[],
): Promise<void> {
  const links = Object.fromEntries(packages.map((name) => [name, name]));
  const folder = await projectOf(consumer, { 'entry.mjs': ENTRY, ...files }, links);
  await runIn(folder, process.execPath, args);
  const away = await mkdtemp(join(tmpdir(), 'doapi-ts-bundle-'));
  try {
    await rename(join(folder, file), join(away, file));
    await runJob(away, process.execPath, [file]);
  } finally {
    await rm(away, { recursive: true });
  }
}

const esbuild = (consumer: Consumer, file: string, options: object): Promise<void> => {
  const code = esbuildBuild({ outfile: file, ...options });
  return bundled(consumer, file, { 'build.cjs': code }, ['esbuild'], ['build.cjs']);
};
const rollup = (consumer: Consumer, file: string, format: string): Promise<void> =>
  bundled(consumer, file, { 'rollup.config.mjs': rollupConfig(format, file) }, ROLLUP_PLUGINS, [
    pathIn('rollup', 'dist/bin/rollup'),
    '--config',
    'rollup.config.mjs',
  ]);
const webpack = (consumer: Consumer, file: string, options: object): Promise<void> =>
  bundled(consumer, file, { 'build.cjs': webpackBuild(options, file) }, ['webpack'], ['build.cjs']);

const MODULE = { experiments: { outputModule: true }, output: { library: { type: 'module' } } };

const WAYS: Readonly<Record<string, (consumer: Consumer) => Promise<void>>> = {
  [`${ESBUILD}, CommonJS, minified`]: (one) => esbuild(one, 'bundle.cjs', { format: 'cjs' }),
  [`${ESBUILD}, ES module, minified`]: (one) =>
    esbuild(one, 'bundle.mjs', { format: 'esm', banner: { js: REQUIRE } }),
  [`${ROLLUP}, CommonJS`]: (one) => rollup(one, 'bundle.cjs', 'cjs'),
  [`${ROLLUP}, ES module`]: (one) => rollup(one, 'bundle.mjs', 'es'),
  [`${WEBPACK}, CommonJS, minified`]: (one) => webpack(one, 'bundle.cjs', {}),
  [`${WEBPACK}, ES module, minified`]: (one) => webpack(one, 'bundle.mjs', MODULE),
};

export const BUNDLERS: readonly Case[] = Object.entries(WAYS).map(([name, run]) => ({
  group: 'Bundlers',
  name,
  run,
}));
