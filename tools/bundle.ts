/**
 * Merges modules of `dist` that are always loaded together into one file each, after `tsc` has written them: a start reads and
 * compiles files, and seventy small ones take twice as long as one. Declarations stay one file each.
 *
 *     ts-node -T tools/bundle.ts [folder]
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import manifest from '../package.json';

const ROOT = resolve(__dirname, '..');
const LIB = join(ROOT, 'lib');

/** The entries of the package, the main one first. */
const ENTRIES = [
  ...Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.default])),
  ...Object.values(manifest.bin),
].map((path) => path.replace(/^\.\/dist\/(.*)\.js$/, '$1'));

/** Modules that are never merged: their exports are public or made late, or they look for other files beside their own. */
const isApart = (name: string): boolean =>
  ENTRIES.includes(name) || name === 'lazy-classes' || name.startsWith('repl/');

/** A module of `lib`. Modules are named by their path, without extension: `http/client`. */
interface Module {
  exports: readonly string[];
  /** What it loads with itself. */
  imports: readonly string[];
  /** What it loads later. */
  later: readonly string[];
}

type Modules = ReadonlyMap<string, Module>;

/** Modules that are always loaded together, by the one that imports the others. */
type Groups = ReadonlyMap<string, readonly string[]>;

async function main(dist: string): Promise<void> {
  const modules = await readModules();
  const groups = groupsOf(modules);
  const fileOf = new Map([...groups].flatMap(([file, group]) => group.map((name) => [name, file] as const)));
  for (const name of modules.keys()) {
    const path = join(dist, `${name}.js`);
    if (fileOf.has(name)) rmSync(path, { force: true });
    else writeFileSync(path, redirected(readFileSync(path, 'utf8'), name, fileOf));
  }
  await Promise.all([...groups].map(([file, group]) => merge(dist, file, group, modules, fileOf)));
}

/** The code of a module that is not merged, with `require` of the files that the others are in. */
function redirected(code: string, name: string, fileOf: ReadonlyMap<string, string>): string {
  return code.replace(/\brequire\((["'])(\.[^"']*)\1\)/g, (_all, quote: string, path: string) => {
    const target = posix.join(posix.dirname(name), path);
    return `require(${quote}${pathFrom(name, fileOf.get(target) ?? target)}${quote})`;
  });
}

async function readModules(): Promise<Modules> {
  const names = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => path.replace(/\.ts$/, ''));
  const { metafile } = await build({
    entryPoints: names.map((name) => join(LIB, `${name}.ts`)),
    bundle: true,
    format: 'esm',
    write: false,
    outdir: ROOT,
    metafile: true,
    absWorkingDir: LIB,
    logLevel: 'error',
    plugins: [leaveOut((name) => name)],
  });
  return new Map(
    Object.values(metafile.outputs).map(({ entryPoint = '', exports, imports }) => {
      const own = imports.filter(({ path }) => names.includes(path));
      const isNow = ({ kind }: { kind: string }): boolean => kind === 'import-statement';
      const module = {
        exports,
        imports: own.filter(isNow).map(({ path }) => path),
        later: own.filter((one) => !isNow(one)).map(({ path }) => path),
      };
      return [entryPoint.replace(/\.ts$/, ''), module];
    }),
  );
}

/** Groups the modules that are loaded by the same of all loads: of an entry, or of a module that is loaded late. */
function groupsOf(modules: Modules): Groups {
  const late = [...modules.values()].flatMap(({ later }) => later);
  // What every program loads is in no other group, nor what every ES module loads: Node reads all exports of what one imports.
  const first = [ENTRIES.slice(0, 1), modules.get('lazy-classes')?.later ?? []];
  const loads = new Set([...ENTRIES, ...late]);
  const loadedBy = new Map<string, string[]>();
  for (const load of loads)
    for (const name of reachedFrom(load, modules)) loadedBy.set(name, [...(loadedBy.get(name) ?? []), load]);
  const alike = new Map<string, string[]>();
  for (const [name, by] of loadedBy) {
    if (isApart(name)) continue;
    const key = (first.find((some) => some.some((load) => by.includes(load))) ?? by).join();
    alike.set(key, [...(alike.get(key) ?? []), name]);
  }
  const groups = [...alike.values()].filter(({ length }) => length > 1);
  return new Map(groups.map((group) => [topOf(group, modules), group]));
}

/** The modules that are loaded with a module, itself included. */
function reachedFrom(name: string, modules: Modules, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const imported of modules.get(name)?.imports ?? []) reachedFrom(imported, modules, seen);
  return seen;
}

/** The module of a group that imports the most of the others. */
function topOf(group: readonly string[], modules: Modules): string {
  const reach = (name: string): number => reachedFrom(name, modules).size;
  return group.reduce((top, name) => (reach(name) > reach(top) ? name : top));
}

/** Writes the modules of a group as one file, which exports all that they export. */
async function merge(
  dist: string,
  file: string,
  group: readonly string[],
  modules: Modules,
  fileOf: ReadonlyMap<string, string>,
): Promise<void> {
  const exportsOf = (name: string): readonly string[] => modules.get(name)?.exports ?? [];
  const imports = group.map((name) => `import { ${exportsOf(name).join(', ')} } from './${name}';`);
  // Not `export`: esbuild exports getters, which cost a call at each use in another file.
  const contents = [...imports, `module.exports = { ${group.flatMap(exportsOf).join(', ')} };`].join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: LIB },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'es2022',
    // The paths in source maps are relative to it, wherever the files are written.
    outfile: join(ROOT, 'dist', `${file}.js`),
    write: false,
    sourcemap: 'linked',
    sourcesContent: false,
    // As every module is.
    banner: { js: "'use strict';" },
    logLevel: 'warning',
    logOverride: { 'commonjs-variable-in-esm': 'silent' },
    plugins: [
      leaveOut((name) => {
        const target = fileOf.get(name) ?? name;
        return target === file ? null : pathFrom(file, target);
      }),
    ],
  });
  for (const { path, text } of outputFiles)
    writeFileSync(
      join(dist, relative(join(ROOT, 'dist'), path)),
      path.endsWith('.js') ? withNames(text) : text,
    );
}

/** The code with the names of classes: esbuild writes `Action = class _Action` for a class that names itself. */
function withNames(code: string): string {
  const names = [...code.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name = '']) => name);
  return names.reduce((text, name) => text.replace(new RegExp(`\\b_${name}\\b`, 'g'), name), code);
}

/** Leaves packages out of a file, and the modules for which `pathOf` is not `null`. */
function leaveOut(pathOf: (name: string) => string | null): Plugin {
  return {
    name: 'leave out',
    setup(bundling) {
      bundling.onResolve({ filter: /./ }, ({ kind, path, resolveDir }) => {
        if (kind === 'entry-point') return null;
        if (!path.startsWith('.')) return { path, external: true };
        const target = pathOf(relative(LIB, join(resolveDir, path)));
        return target === null ? null : { path: target, external: true };
      });
    },
  };
}

function pathFrom(name: string, other: string): string {
  const path = posix.relative(posix.dirname(name), other);
  return path.startsWith('.') ? path : `./${path}`;
}

main(resolve(process.argv[2] ?? join(ROOT, 'dist'))).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
