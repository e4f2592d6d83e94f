import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Lockfile {
  packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
}

const ROOT = join(__dirname, '..');
const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

/**
 * `npm run sbom`: prints what the package installs, as CycloneDX. `npm sbom --omit=dev` also leaves out what a development tool needs
 * beside a user (such as yaml), so that it reads a lockfile without these tools.
 */
function main(): void {
  const { packages, ...lockfile } = read('package-lock.json') as Lockfile;
  const installed = Object.entries(packages).filter(([, { dev, devOptional }]) => !dev && !devOptional);
  const withoutTools = (manifest: unknown): object => ({
    ...(manifest as object),
    devDependencies: undefined,
  });
  const scratch = mkdtempSync(join(tmpdir(), 'sbom-'));
  // npm names the package after its folder.
  const folder = join(scratch, 'doapi-ts');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(withoutTools(read('package.json'))));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({
      ...lockfile,
      packages: { ...Object.fromEntries(installed), '': withoutTools(packages['']) },
    }),
  );
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--offline'];
  execFileSync('npm', args, { cwd: folder, stdio: 'inherit' });
  rmSync(scratch, { recursive: true });
}

main();
