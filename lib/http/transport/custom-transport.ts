import { AbortScope } from '../../util/abort';
import { shieldedOptions } from '../../util/options/own-options';
import { Failure, toFailure } from '../failure';
import { bodyTooLarge, MAX_BODY_BYTES } from './response-body';
import type { HttpResponse, Transport, TransportAdapter, TransportResponse } from './types';

/** A transport over a user's adapter, which may send the request at any moment. */
export function createCustomTransport(adapter: TransportAdapter): Transport {
  const send: (...args: Parameters<Transport>) => ReturnType<Transport> = async (request, trace) => {
    trace.mayHaveBeenSent = true;
    let returned: unknown;
    try {
      const { method, url, headers, body } = request;
      const signal = request.signal instanceof AbortScope ? request.signal.signal : request.signal;
      const sent = { method, url, headers, ...(body !== undefined && { body }), signal };
      returned = await adapter(shieldedOptions(sent));
    } catch (error) {
      throw toFailure(error instanceof Error ? error : new Error('the adapter failed'), trace);
    }
    const response = checkResponse(returned);
    if (Buffer.byteLength(response.body) > MAX_BODY_BYTES)
      throw bodyTooLarge(response.status, response.headers);
    return response;
  };
  return Object.assign(send, { close: () => undefined });
}

/** An adapter written in JavaScript may return anything, and may leave out what is empty. @throws Failure */
function checkResponse(response: unknown): HttpResponse {
  const { status, headers, body } = (response ?? {}) as Partial<Record<keyof TransportResponse, unknown>>;
  if (!Number.isInteger(status)) throw invalidResponse('a status that is not an integer');
  if (typeof (body ?? '') !== 'string') throw invalidResponse('a body that is not a string');
  if (typeof (headers ?? {}) !== 'object') throw invalidResponse('headers that are not an object');
  return { status: status as number, headers: normalizeHeaders(headers ?? {}), body: (body ?? '') as string };
}

function invalidResponse(what: string): Failure {
  return new Failure({ kind: 'protocol', mayHaveBeenSent: true, message: `the adapter returned ${what}` });
}

function normalizeHeaders(headers: object): Record<string, string | undefined> {
  const entries = Object.entries(headers).map(([name, value]: [string, unknown]) => {
    const isText = typeof value === 'string' || typeof value === 'number';
    return [name.toLowerCase(), isText ? String(value) : undefined] as const;
  });
  return Object.fromEntries(entries);
}
