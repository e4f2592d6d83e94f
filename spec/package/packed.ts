import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import manifest from '../../package.json';
import { ROOT } from '../support/modules';

const run = promisify(execFile);

/** Packages that a user has installed as well. */
const TYPES = ['@types/node', 'undici-types'];

/** Files of the package besides the build. */
const SOURCES = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];

/** A user's project with the package in `node_modules`, as `npm install` of the tarball places it. */
export class Consumer {
  private constructor(
    readonly folder: string,
    /** The files in the tarball, such as `dist/index.js`. */
    readonly files: string[],
  ) {}

  /**
   * Builds and packs the package outside of the checkout, so that `dist` is not changed, and installs it without a
   * network: only its dependencies are linked.
   */
  static async install(): Promise<Consumer> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'doapi-ts-')));
    const built = join(folder, 'built');
    await mkdir(built);
    await node(
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      '-p',
      'tsconfig.build.json',
      '--outDir',
      `${built}/dist`,
    );
    const present = new Set(await readdir(ROOT));
    for (const file of SOURCES.filter((name) => present.has(name)))
      await cp(join(ROOT, file), join(built, file));
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--offline'], { cwd: built });
    const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    const installed = join(folder, 'node_modules/doapi-ts');
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', join(built, packed.filename), '-C', installed, '--strip-components=1']);
    for (const name of [...Object.keys(manifest.dependencies), ...TYPES]) {
      const link = join(folder, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(ROOT, 'node_modules', name), link);
    }
    return new Consumer(
      folder,
      packed.files.map(({ path }) => path),
    );
  }

  /** The folder of the installed package. */
  get installed(): string {
    return join(this.folder, 'node_modules/doapi-ts');
  }

  /** Runs a program and returns the JSON that it prints. */
  async run(name: string, code: string): Promise<unknown> {
    const file = join(this.folder, name);
    await writeFile(file, code);
    return JSON.parse(await node(file)) as unknown;
  }

  /** Compiles files in strict mode, the types of the package included. Returns the errors of tsc. */
  async compile(module: 'node16' | 'preserve', files: Readonly<Record<string, string>>): Promise<string> {
    const folder = join(this.folder, module);
    await mkdir(folder);
    for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), code);
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2022'],
      types: ['node'],
      module,
      moduleResolution: module === 'node16' ? 'node16' : 'bundler',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const config = join(folder, 'tsconfig.json');
    await writeFile(config, JSON.stringify({ compilerOptions, files: Object.keys(files) }));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    // tsc prints errors to stdout and exits with an error code.
    return node(tsc, '-p', config).catch((error: unknown) => (error as { stdout: string }).stdout);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

async function node(...args: string[]): Promise<string> {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('DIGITALOCEAN_'));
  return (await run(process.execPath, args, { cwd: ROOT, env: Object.fromEntries(env) })).stdout;
}
