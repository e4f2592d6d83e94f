import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Client } from './clients';
import { FIRST_ID } from './images';
import { quietEnvironment, type Server } from './server';

/** The context of a run. */
export interface Bench {
  server: Server;
  clients: readonly Client[];
  /** Runs of each program. */
  runs: number;
  /** The share of the work that is done: 1, or less for a trial. */
  scale: number;
  say: (line: string) => void;
}

/** Arguments of a program, besides those that every program gets. */
export type ProgramArguments = Record<string, string | number | boolean>;

/**
 * Runs a program with a client, in its own process.
 * @returns the JSON that it prints
 * @throws Error with its output on stderr
 */
export async function runProgram<T>(
  bench: Bench,
  program: string,
  client: Client,
  own: ProgramArguments,
): Promise<T> {
  const startedAt = String(process.hrtime.bigint());
  const common = { url: bench.server.url, token: 'dop_v1_bench', client: client.module, firstId: FIRST_ID };
  const file = join(__dirname, 'programs', program);
  const args = [...(client.nodeArgs ?? []), file, JSON.stringify({ ...common, ...own, startedAt })];
  const env = { ...quietEnvironment(), BENCH_LIBRARY: client.library };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} with ${client.name}: ${stderr || stdout}`);
  return JSON.parse(stdout) as T;
}

/**
 * Runs every case `runs` times, interleaved and each round in another order, so that disturbances affect all alike.
 * @returns the results of each case, by round
 */
export async function interleaved<C, T>(
  cases: readonly C[],
  runs: number,
  run: (one: C) => Promise<T>,
): Promise<Map<C, T[]>> {
  const found = new Map<C, T[]>(cases.map((one) => [one, []]));
  for (let round = 0; round < runs; round++) {
    const at = (round >> 1) % cases.length;
    const order = [...cases.slice(at), ...cases.slice(0, at)];
    for (const one of round % 2 === 0 ? order : order.reverse()) found.get(one)?.push(await run(one));
  }
  return found;
}

/** @throws Error when the client is not chosen */
export function clientNamed(bench: Bench, name: string): Client {
  const client = bench.clients.find((one) => one.name === name);
  if (!client) throw new Error(`${name} cannot be left out`);
  return client;
}
