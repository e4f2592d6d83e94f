import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installIn, manifestOf } from '../../tools/support/packages';

export const INSTALLED = 'node_modules';
const BENCH = join(__dirname, '..');

/** The size of packages on disk. */
export interface Weight {
  packages: number;
  files: number;
  bytes: number;
}

/** Installs the other clients into `bench/` unless they are present: 120 MB that no other script needs. */
export const installPeers = (say: (line: string) => void): Promise<void> => installIn(BENCH, say);

/** The versions of the other clients. */
export function versions(): Record<string, string> {
  return manifestOf(BENCH).dependencies ?? {};
}

/** The size of a package and its dependencies, as installed in a project. */
export function weigh(name: string, project = BENCH): Weight {
  const folders = new Set<string>();
  const add = (dependency: string, from: string): void => {
    const folder = folderOf(dependency, from, project);
    if (folder === null || folders.has(folder)) return;
    folders.add(folder);
    const { dependencies, optionalDependencies } = manifestOf(folder);
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) add(next, folder);
  };
  add(name, project);
  return sum([...folders]);
}

/** The size of everything in a node_modules folder. */
export function weighAll(folder: string): Weight {
  return sum(packagesIn(folder));
}

function packagesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((part) => join(name, part)) : [name],
    )
    .map((name) => join(folder, name))
    .flatMap((path) => [path, ...packagesIn(join(path, INSTALLED))]);
}

/** The folder of a dependency, by Node's resolution; `null` when it is not installed. */
function folderOf(name: string, from: string, project: string): string | null {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, INSTALLED, name);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (at === project) return null;
  }
}

function sum(folders: readonly string[]): Weight {
  const stats = folders.flatMap((folder) => pathsIn(folder)).map((path) => statSync(path));
  const [files, bytes] = [
    stats.filter((one) => one.isFile()).length,
    stats.reduce((all, one) => all + one.size, 0),
  ];
  return { packages: folders.length, files, bytes };
}

/** Files and folders of a package, without its own node_modules, which count as packages. */
function pathsIn(folder: string): string[] {
  const inside = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === INSTALLED ? [] : pathsIn(path);
    return entry.isFile() ? [path] : [];
  });
  return [folder, ...inside];
}
