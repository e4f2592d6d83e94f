import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Client } from './clients';
import { FIRST_ID } from './images';
import { quietEnvironment, type Server } from './server';

/** What every run of the benchmark shares. */
export interface Bench {
  server: Server;
  clients: readonly Client[];
  /** How often each program is run. */
  runs: number;
  /** The share of the work that is done: 1, or less to try something out. */
  scale: number;
  say: (line: string) => void;
}

/** What a program is to do, besides what it always gets to know. */
export type Order = Record<string, string | number | boolean>;

/**
 * Runs a program with a client in a process of its own.
 * @returns what it found
 * @throws Error with what it complained about
 */
export async function runProgram<T>(bench: Bench, program: string, client: Client, order: Order): Promise<T> {
  const startedAt = String(process.hrtime.bigint());
  const told = { url: bench.server.url, token: 'dop_v1_bench', client: client.module, firstId: FIRST_ID };
  const file = join(__dirname, 'programs', program);
  const args = [...(client.nodeArgs ?? []), file, JSON.stringify({ ...told, ...order, startedAt })];
  const env = { ...quietEnvironment(), BENCH_LIBRARY: client.library };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} with ${client.name}: ${complaint || said}`);
  return JSON.parse(said) as T;
}

/**
 * Runs every case so often, interleaved, each round in another order: what disturbs the machine disturbs all alike.
 * @returns what each case found, round by round
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

/** @throws Error when it was left out */
export function clientNamed(bench: Bench, name: string): Client {
  const client = bench.clients.find((one) => one.name === name);
  if (!client) throw new Error(`${name} cannot be left out`);
  return client;
}
