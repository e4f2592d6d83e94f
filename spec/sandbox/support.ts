import { request as httpRequest } from 'node:http';
import type { TransportAdapter, TransportResponse } from '../../lib/http/transport/types';
import { Sandbox, type ActionJson, type ImageJson, type SandboxOptions } from '../../lib/sandbox';

/** An answer with its JSON. */
export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  body: Body;
}

/** What some answer of the API may hold. */
export interface Body {
  image: ImageJson;
  images: ImageJson[];
  action: ActionJson;
  actions: ActionJson[];
  links: { pages?: Record<string, string> };
  meta: { total: number };
  id: string;
  message: string;
  [key: string]: unknown;
}

const TOKEN = 'a-token-for-specs';

/** Sends one request in process and reads the JSON of its answer. */
export async function send(
  sandbox: Sandbox,
  on: string,
  body?: unknown,
  { token = TOKEN, signal = new AbortController().signal }: { token?: string; signal?: AbortSignal } = {},
): Promise<Answer> {
  const answer = await sendRaw(sandbox, on, body, { token, signal });
  return { ...answer, body: JSON.parse(answer.body || '{}') as Body };
}

/** Sends one request in process. */
export function sendRaw(
  sandbox: Sandbox,
  on: string,
  body?: unknown,
  { token = TOKEN, signal = new AbortController().signal }: { token?: string; signal?: AbortSignal } = {},
): Promise<TransportResponse> {
  const [method = '', path = ''] = on.split(' ');
  return sandbox.adapter({
    method,
    url: `https://api.digitalocean.com${path}`,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    signal,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** A sandbox with one private snapshot, number 5, in nyc1, and what else is asked for. */
export function withOneImage(options: SandboxOptions = {}): Sandbox {
  return new Sandbox({ images: [{ id: 5, name: 'golden', regions: ['nyc1'] }], ...options });
}

/** The reason with which a promise rejects; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error; // node's own errors are not of jest's realm: instanceof would not know them
  }
  throw new Error('did not reject');
}

/** Lets everything settle that settles by itself, without moving any clock. */
export async function turns(count = 10): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Sends requests to a sandbox that listens, over a socket of their own each. */
export function overHttp(url: string, token: string, more: Record<string, string> = {}): TransportAdapter {
  return ({ method, url: wanted, body, signal }) =>
    new Promise((resolve, reject) => {
      const headers = {
        ...more,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        // node writes no length by itself for a DELETE with a body
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      };
      const target = url + new URL(wanted).pathname + new URL(wanted).search;
      const request = httpRequest(target, { method, headers, signal, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answered = response.headers as Record<string, string | undefined>;
          resolve({
            status: response.statusCode ?? 0,
            headers: answered,
            body: Buffer.concat(chunks).toString(),
          });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
}
