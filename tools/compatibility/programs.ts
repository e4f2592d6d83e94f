import { execFile, type ExecFileException } from 'node:child_process';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import ts from 'typescript';
import type { Consumer } from '../support/consumer';
import { wantedIn } from '../support/packages';

/** The folder with the packages that the package is used with. */
export const HERE = __dirname;

/** Longer than any case takes on a busy machine, in milliseconds. */
const TIMEOUT = 180_000;

/**
 * The main job in TypeScript, without types of Node: find an image, copy it, wait, list, and an error, on the sandbox, and a
 * request over HTTP. Options that may be `undefined` are passed on, and one line is wrong.
 */
const JOB = `
import { type AbortSignalLike, DOApi, type Image, NotFoundError, WaitTimeoutError } from 'doapi-ts';
import { Sandbox } from 'doapi-ts/sandbox';

interface Settings {
  signal?: AbortSignalLike | undefined;
  timeout?: number | undefined;
}

export async function job(settings: Settings = {}): Promise<object> {
  const sandbox = new Sandbox({ images: [{ id: 5, name: 'web', regions: ['nyc1'] }, { id: 6, name: 'db' }] });
  const api: DOApi = sandbox.api();
  const names: string[] = [];
  for await (const { name } of api.fetchAllPrivateImages()) names.push(name);
  const image: Image | null = await api.fetchAllPrivateImages().find(({ name }) => name === 'web');
  if (image === null) throw new Error('There is no image web.');
  const { status } = await image.transfer('fra1', { wait: true });
  const failures: unknown[] = [
    await api.fetchImage(404).catch((error: unknown) => error),
    await image.transfer('sgp1', { wait: { timeout: 0 } }).catch((error: unknown) => error),
  ];
  const errors = [failures[0] instanceof NotFoundError, failures[1] instanceof WaitTimeoutError];
  await api.close();

  const { url, token, close } = await sandbox.listen();
  const { signal, timeout } = settings;
  const remote = new DOApi({ endpoint: url, token, signal, timeout });
  const { regions } = await remote.fetchImage(5);
  await remote.close();
  await close();
  return { names, status, regions, errors };
}

export function wrong(api: DOApi): void {
  // @ts-expect-error A region is text: nothing of the package is \`any\`.
  void api.image(5).transfer(3);
}
`;

/** What the job returns. */
export const RESULT = {
  names: ['web', 'db'],
  status: 'completed',
  regions: ['nyc1', 'fra1'],
  errors: [true, true],
};

/** The job as a program that prints what came of it. */
export const PROGRAM_TS = `${JOB}
declare const console: { log(text: string): void };
void job().then((result) => console.log(JSON.stringify(result)));
`;

/** TypeScript as JavaScript: an ES module, or CommonJS. */
export function javascriptOf(code: string, kind: 'mjs' | 'cjs'): string {
  const module = kind === 'mjs' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS;
  return ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module } }).outputText;
}

/** The job in a test, which the runner's imports and functions surround. */
export function testOf(imports: string, start: string, check: string): string {
  return `${imports}\n${JOB}\n${start}('the main job', async () => {\n  ${check}\n});\n`;
}

/** The version of a package with which the package is used. */
export function versionOf(name: string): string {
  const version = wantedIn(HERE)[name];
  if (version === undefined) throw new Error(`tools/compatibility/package.json has no ${name}`);
  return version;
}

/** The path of a file of such a package. */
export const pathIn = (name: string, file: string): string => join(HERE, 'node_modules', name, file);

/**
 * A new folder of the user's project with files in it.
 * @param packages links in its own node_modules, by name: packages from here
 */
export async function projectOf(
  consumer: Consumer,
  files: Readonly<Record<string, string>>,
  packages: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(consumer.folder, 'project-'));
  for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), code);
  for (const [name, from] of Object.entries(packages)) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(pathIn(from, ''), link);
  }
  return folder;
}

/** Runs a command in a folder and returns what it prints. @throws Error with what it printed, errors first */
export async function runIn(
  folder: string,
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('DIGITALOCEAN_'));
  const env = { ...Object.fromEntries(inherited), ...variables };
  try {
    const options = { cwd: folder, env, timeout: TIMEOUT, maxBuffer: 2 ** 26 };
    return (await promisify(execFile)(command, args, options)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '', killed, code, signal } = error as ExecFileException;
    const late = killed === true ? `It ran for more than ${TIMEOUT / 1000} seconds.` : '';
    const said = [late, stderr, stdout].map((text) => text.trim()).filter((text) => text !== '');
    const silent = `${[basename(command), ...args].join(' ')} has failed (${code ?? signal}) and printed nothing`;
    throw new Error(said.join('\n') || silent, { cause: error });
  }
}

/** Runs a program that prints the result of the job. @throws Error where that is another one */
export async function runJob(
  folder: string,
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const printed = await runIn(folder, command, args, variables);
  if (!isDeepStrictEqual(JSON.parse(printed), RESULT)) throw new Error(`The job printed ${printed}`);
}
