import http, { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TransportAdapter } from '../lib/http/transport/types';
import { Sandbox } from '../lib/sandbox';

/** The limits of the sandbox in milliseconds. Run with `npx ts-node -T bench/sandbox.ts`. */
const LIMITS = { image: 0.2, page: 1, seeds: 200, hour: 1_000 };
const ROUNDS = 5;

const sandbox = new Sandbox({ images: 10_000, rateLimit: false });
const signal = new AbortController().signal;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function request(path: string): Parameters<TransportAdapter>[0] {
  const url = `https://api.digitalocean.com${path}`;
  return {
    method: 'GET',
    url,
    headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
    signal,
  };
}

/** Milliseconds for one call: the median of several rounds. */
async function measure(times: number, call: () => Promise<unknown>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    for (let done = 0; done < times; done++) await call();
    rounds.push((performance.now() - start) / times);
  }
  return median(rounds.slice(1)); // the first round warms up
}

function median(values: number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}

/** Milliseconds for one request to a plain server that responds with the same bytes over a kept connection. */
async function plainHttp(body: string, times: number): Promise<number> {
  const server = http.createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const send = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      http
        .get({ host: '127.0.0.1', port, agent }, (response) => {
          response.resume();
          response.once('end', resolve);
        })
        .once('error', reject);
    });
  const taken = await measure(times, send);
  server.close();
  server.closeAllConnections();
  return taken;
}

async function responses(name: string, path: string, times: number, limit: number): Promise<void> {
  const { body } = await sandbox.adapter(request(path));
  const own = await measure(times, () => sandbox.adapter(request(path)));
  const plain = await plainHttp(body, times);
  report(
    `${name}, in process`,
    own,
    limit,
    `${(own / plain).toFixed(2)} × plain node:http (${plain.toFixed(3)} ms)`,
  );
}

async function seeds(): Promise<void> {
  const taken = await measure(3, () => Promise.resolve(new Sandbox({ images: 10_000 })));
  report('new Sandbox({ images: 10_000 })', taken, LIMITS.seeds);
}

async function hour(): Promise<void> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const busy = new Sandbox({ images: [{ id: 5 }], actionTime: [1, 3_600_000], rateLimit: false });
    const act = { ...request('/v2/images/5/actions'), method: 'POST', body: '{"type":"convert"}' };
    for (let started = 0; started < 10_000; started++) await busy.adapter(act);
    const start = performance.now();
    await busy.advance(3_600_000);
    rounds.push(performance.now() - start);
  }
  report('10,000 actions, an hour on', median(rounds), LIMITS.hour);
}

function report(what: string, taken: number, limit: number, note = ''): void {
  const verdict = taken <= limit ? 'ok  ' : 'SLOW';
  console.log(`${verdict} ${what.padEnd(40)} ${taken.toFixed(3).padStart(9)} ms of ${limit} ms  ${note}`);
  if (taken > limit) process.exitCode = 1;
}

async function main(): Promise<void> {
  await responses('an image', '/v2/images/63663001', 3_000, LIMITS.image);
  await responses('a page of 200', '/v2/images?per_page=200&page=3', 300, LIMITS.page);
  await responses('a page of 200 private', '/v2/images?per_page=200&page=3&private=true', 300, LIMITS.page);
  await seeds();
  await hour();
  agent.destroy();
}

void main();
