import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Sandbox } from '../../lib/sandbox';

/** Another client of the API, run against a sandbox over HTTP. */
export interface ForeignClient {
  name: string;
  /** Known defects that show here. */
  defects: readonly string[];
}

/** What a client read from the responses. */
interface Findings {
  listed: number;
  name: string;
  startedId: number | null;
  status: string;
  regions: string[];
}

/** The result of one client; `problems` is empty when it works with the sandbox. */
export interface ForeignRun extends ForeignClient {
  problems: string[];
}

/** Each has a program in `clients/`: list, get, transfer, poll, get again. */
const FOREIGN_CLIENTS: readonly ForeignClient[] = [
  {
    name: 'dots',
    defects: [
      'cannot read the action that it starts: contradiction 1 of the OpenAPI document',
      'throws on lists of strings with the latest version of its runtime, so that an older one is pinned',
    ],
  },
  { name: 'dots-wrapper', defects: [] },
  {
    name: 'do-wrapper',
    defects: ['has a fixed address, so that its requests are redirected', 'cannot list private images'],
  },
];

const REGION = 'nyc3';
const SPEED = 100;
/** The timeout of a client, in milliseconds. */
const TIMEOUT = 60_000;

/**
 * Runs the foreign clients against a sandbox over HTTP, one after the other.
 * @param folder where their programs are and their packages are installed; default: `clients` beside this file
 */
export async function runForeignClients(folder = join(__dirname, 'clients')): Promise<ForeignRun[]> {
  const runs: ForeignRun[] = [];
  for (const client of FOREIGN_CLIENTS) {
    const problems = await run(client, folder).catch((error: unknown) => [String(error)]);
    runs.push({ ...client, problems });
  }
  return runs;
}

async function run(client: ForeignClient, folder: string): Promise<string[]> {
  const sandbox = new Sandbox({ actionTime: 30_000 });
  const { url, token, close } = await sandbox.listen({ speed: SPEED });
  const image = sandbox.images.find((one) => !one.public && !one.regions.includes(REGION));
  if (!image) throw new Error('the sandbox has no image to transfer');
  const variables = { SANDBOX_URL: url, SANDBOX_TOKEN: token, IMAGE_ID: String(image.id), REGION };
  try {
    const program = join(folder, `${client.name}.mjs`);
    const options = { env: { ...process.env, ...variables, NO_PROXY: '*' }, timeout: TIMEOUT };
    const { stdout } = await promisify(execFile)(process.execPath, [program], options);
    return check(client, JSON.parse(stdout) as Findings, sandbox, image.id);
  } finally {
    await close();
  }
}

/** Compares what the client read with the state of the sandbox. */
function check(client: ForeignClient, found: Findings, sandbox: Sandbox, imageId: number): string[] {
  const image = sandbox.images.find(({ id }) => id === imageId);
  const expected: Findings = {
    listed: sandbox.images.filter((one) => !one.public).length,
    name: image?.name ?? '',
    startedId: client.name === 'dots' ? null : (sandbox.actions[0]?.id ?? null),
    status: 'completed',
    regions: image?.regions ?? [],
  };
  const keys = Object.keys(expected) as (keyof Findings)[];
  const differences = keys.filter((key) => JSON.stringify(found[key]) !== JSON.stringify(expected[key]));
  const refused = sandbox.requests.filter(({ status }) => status === null || status >= 400);
  return [
    ...differences.map((key) => `${key} is ${String(found[key])}, should be ${String(expected[key])}`),
    ...refused.map(({ method, path, status }) => `${method} ${path} got ${String(status)}`),
    ...(image?.regions.includes(REGION) ? [] : [`the image is not in ${REGION}`]),
  ];
}
