import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import manifest from '../../package.json';
import { repositoryAt, withAbsoluteLinks } from '../pack-readme/links';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');

/** The types of Node, in a folder that the package does not see. */
const NODE_TYPES = ['@types/node', 'undici-types'];
const WITH_NODE_TYPES = 'with-node-types';

/** How a program is compiled. */
export interface CompilerSettings {
  /** `preserve` is the way of bundlers. */
  module: 'node16' | 'nodenext' | 'preserve';
  lib: readonly string[];
  /** Whether the program has @types/node. */
  nodeTypes: boolean;
}

/** Files of the package besides the build. */
const SOURCES = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];

/** A user's project with the package in `node_modules`, as `npm install` of the tarball places it. */
export class Consumer {
  private constructor(
    readonly folder: string,
    /** The files in the tarball, such as `dist/index.js`. */
    readonly files: string[],
    /** The path of the tarball. */
    readonly tarball: string,
  ) {}

  /**
   * Builds and packs the package outside of the checkout, so that `dist` is not changed, and installs it without a
   * network: only its dependencies are linked.
   */
  static async install(): Promise<Consumer> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'doapi-ts-')));
    const built = join(folder, 'built');
    await mkdir(built);
    const dist = join(built, 'dist');
    await node(join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', dist);
    await node('-r', './spec/support/compile.cjs', 'tools/bundle.ts', dist);
    const present = new Set(await readdir(ROOT));
    for (const file of SOURCES.filter((name) => present.has(name)))
      await cp(join(ROOT, file), join(built, file));
    // What `prepack` does in the checkout.
    await writeFile(
      join(built, 'README.md'),
      withAbsoluteLinks(await readFile(join(ROOT, 'README.md'), 'utf8'), repositoryAt(manifest.version)),
    );
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--offline'], { cwd: built });
    const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    const installed = join(folder, 'node_modules/doapi-ts');
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', join(built, packed.filename), '-C', installed, '--strip-components=1']);
    await linkTo(folder, Object.keys(manifest.dependencies));
    await linkTo(join(folder, WITH_NODE_TYPES), NODE_TYPES);
    return new Consumer(
      folder,
      packed.files.map(({ path }) => path),
      join(built, packed.filename),
    );
  }

  /** The folder of the installed package. */
  get installed(): string {
    return join(this.folder, 'node_modules/doapi-ts');
  }

  /** Runs a program and returns the JSON that it prints. */
  async run(name: string, code: string, ...options: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.print(name, code, ...options)) as unknown;
  }

  /** Runs a program and returns what it prints. */
  async print(name: string, code: string, ...options: readonly string[]): Promise<string> {
    return node(...options, await this.write(name, code));
  }

  /** Bundles a program of the user's into one minified file, away from the package, and gives what that printed. */
  async runBundle(name: string, code: string, options: readonly string[]): Promise<unknown> {
    const bundle = join(await mkdtemp(join(tmpdir(), 'doapi-ts-bundle-')), name);
    const esbuild = join(ROOT, 'node_modules/.bin/esbuild');
    const always = ['--bundle', '--minify', '--platform=node', '--log-level=warning', `--outfile=${bundle}`];
    try {
      const { stderr } = await run(esbuild, [await this.write(name, code), ...always, ...options]);
      if (stderr) throw new Error(`esbuild warned: ${stderr}`);
      return JSON.parse(await node(bundle)) as unknown;
    } finally {
      await rm(dirname(bundle), { recursive: true });
    }
  }

  /** Compiles files of the user's, strictly, the types of the package too; gives what tsc complained about. */
  async compile(
    { module, lib, nodeTypes }: CompilerSettings,
    files: Readonly<Record<string, string>>,
  ): Promise<string> {
    const folder = await mkdtemp(join(this.folder, nodeTypes ? `${WITH_NODE_TYPES}/` : '', 'program-'));
    for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), code);
    const compilerOptions = {
      target: 'es2022',
      lib,
      types: nodeTypes ? ['node'] : [],
      module,
      moduleResolution: module === 'preserve' ? 'bundler' : module,
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

  private async write(name: string, code: string): Promise<string> {
    const file = join(this.folder, name);
    await writeFile(file, code);
    return file;
  }
}

/** Links packages of ours into the `node_modules` of a folder. */
async function linkTo(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), link);
  }
}

async function node(...args: string[]): Promise<string> {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('DIGITALOCEAN_'));
  return (await run(process.execPath, args, { cwd: ROOT, env: Object.fromEntries(env) })).stdout;
}
