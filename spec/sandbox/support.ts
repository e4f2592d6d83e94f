import { request as httpRequest } from 'node:http';
import type { TransportAdapter, TransportResponse } from '../../lib/http/transport/types';
import {
  Sandbox,
  type ActionJson,
  type DropletJson,
  type ImageJson,
  type SandboxOptions,
} from '../../lib/sandbox';

/** A response with its parsed JSON. */
export interface JsonResponse {
  status: number;
  headers: Record<string, string | undefined>;
  body: Body;
}

/** The fields that bodies of the API may have. */
export interface Body {
  image: ImageJson;
  images: ImageJson[];
  action: ActionJson;
  actions: ActionJson[];
  droplet: DropletJson;
  droplets: DropletJson[];
  links: { pages?: Record<string, string> };
  meta: { total: number };
  id: string;
  message: string;
  [key: string]: unknown;
}

interface SendOptions {
  token?: string;
  signal?: AbortSignal;
  /** The content type of a body; `''`: none. */
  type?: string;
}

const TOKEN = 'a-token-for-specs';

/** Sends one request in process and parses the JSON of its response. */
export async function send(
  sandbox: Sandbox,
  on: string,
  body?: unknown,
  options: SendOptions = {},
): Promise<JsonResponse> {
  const response = await sendRaw(sandbox, on, body, options);
  return { ...response, body: JSON.parse(response.body || '{}') as Body };
}

/** Sends one request in process. */
export function sendRaw(
  sandbox: Sandbox,
  on: string,
  body?: unknown,
  { token = TOKEN, signal = new AbortController().signal, type = 'application/json' }: SendOptions = {},
): Promise<TransportResponse> {
  const [method = '', path = ''] = on.split(' ');
  return sandbox.adapter({
    method,
    url: `https://api.digitalocean.com${path}`,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(type && body !== undefined && { 'content-type': type }),
    },
    signal,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** A sandbox with one private snapshot, number 5, in nyc1. */
export function withOneImage(options: SandboxOptions = {}): Sandbox {
  return new Sandbox({ images: [{ id: 5, name: 'golden', regions: ['nyc1'] }], ...options });
}

/** A sandbox with one Droplet, number 7, in nyc1, created from image 5. */
export function withOneDroplet(options: SandboxOptions = {}): Sandbox {
  const droplets = [{ id: 7, name: 'web-1', region: 'nyc1', image: 5 }];
  return withOneImage({ droplets, ...options });
}

/** The reason with which the promise rejects. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error; // errors of Node belong to another realm than Jest's: instanceof would be false
  }
  throw new Error('The promise did not reject');
}

/** Lets promises and immediates settle, without moving a clock. */
export async function turns(count = 10): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** An adapter that sends each request to a sandbox over a socket of its own. */
export function overHttp(url: string, token: string, more: Record<string, string> = {}): TransportAdapter {
  return ({ method, url: wanted, body, signal }) =>
    new Promise((resolve, reject) => {
      const headers = {
        ...more,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        // Node does not set the length of a DELETE with a body
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      };
      const target = url + new URL(wanted).pathname + new URL(wanted).search;
      const request = httpRequest(target, { method, headers, signal, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const received = response.headers as Record<string, string | undefined>;
          resolve({
            status: response.statusCode ?? 0,
            headers: received,
            body: Buffer.concat(chunks).toString(),
          });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
}
