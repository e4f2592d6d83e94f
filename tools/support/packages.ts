import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Manifest {
  version: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** The packages that the manifest of a folder wants, with their versions. */
export function wantedIn(folder: string): Record<string, string> {
  const { dependencies, devDependencies, optionalDependencies } = manifestOf(folder);
  const wanted = { ...dependencies, ...optionalDependencies, ...devDependencies };
  // The version of an alias is after its last @: `npm:typescript@5.0.4`.
  return Object.fromEntries(
    Object.entries(wanted).map(([name, range]) => [name, range.slice(range.lastIndexOf('@') + 1)]),
  );
}

/** Installs the packages of a folder from its lockfile, without their scripts, unless they are present. */
export async function installIn(folder: string, say: (line: string) => void): Promise<void> {
  const isInstalled = Object.entries(wantedIn(folder)).every(([name, version]) => {
    const installed = join(folder, 'node_modules', name);
    return existsSync(join(installed, 'package.json')) && manifestOf(installed).version === version;
  });
  if (isInstalled) return;
  say(`Installing packages into ${join(folder, 'node_modules')} …`);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await promisify(execFile)('npm', ['ci', ...options], { cwd: folder });
}

/** The manifest of the package in a folder. */
export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
