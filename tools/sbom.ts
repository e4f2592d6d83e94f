import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Manifest {
  devDependencies?: object;
}
interface Lockfile {
  packages: Record<string, Manifest & { dev?: boolean; devOptional?: boolean }>;
}

const ROOT = join(__dirname, '..');
const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

/**
 * `npm run sbom`: prints what the package installs, as CycloneDX. `npm sbom --omit=dev` also leaves out what a development tool needs
 * beside a user (such as yaml), so that it reads a lockfile without these tools.
 */
function main(): void {
  const { devDependencies: _tools, ...manifest } = read('package.json') as Manifest;
  const { packages, ...lockfile } = read('package-lock.json') as Lockfile;
  const installed = Object.entries(packages).filter(([, { dev, devOptional }]) => !dev && !devOptional);
  const { devDependencies: _same, ...own } = packages[''] ?? {};
  const scratch = mkdtempSync(join(tmpdir(), 'sbom-'));
  // npm names the package after its folder.
  const folder = join(scratch, 'doapi-ts');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ ...lockfile, packages: { ...Object.fromEntries(installed), '': own } }),
  );
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--offline'];
  execFileSync('npm', args, { cwd: folder, stdio: 'inherit' });
  rmSync(scratch, { recursive: true });
}

main();
