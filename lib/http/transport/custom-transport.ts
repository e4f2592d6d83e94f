import { AbortScope } from '../../util/abort';
import { MAX_BODY_BYTES, bodyTooLarge } from './response-body';
import { Failure } from '../failure';
import type { TransportAdapter, TransportResponse } from './types';
import { toFailure, type Transport, type HttpResponse } from './node-transport';

/** A transport of the user's own. What happens inside is not known, so anything may have been sent. */
export function createCustomTransport(adapter: TransportAdapter): Transport {
  const send: (...args: Parameters<Transport>) => ReturnType<Transport> = async (request, trace) => {
    trace.mayHaveBeenSent = true;
    let response: unknown;
    try {
      const { signal } = request;
      response = await adapter({ ...request, signal: signal instanceof AbortScope ? signal.signal : signal });
    } catch (error) {
      throw toFailure(error instanceof Error ? error : new Error('the adapter failed'), trace);
    }
    const answer = checkResponse(response);
    if (Buffer.byteLength(answer.body) > MAX_BODY_BYTES) throw bodyTooLarge(answer.status, answer.headers);
    return answer;
  };
  return Object.assign(send, { close: () => undefined });
}

/** Whoever writes an adapter in JavaScript may leave out what is empty, and give anything. @throws Failure */
function checkResponse(response: unknown): HttpResponse {
  const { status, headers, body } = (response ?? {}) as Partial<Record<keyof TransportResponse, unknown>>;
  if (!Number.isInteger(status)) throw invalidResponse('a status that is no whole number');
  if (typeof (body ?? '') !== 'string') throw invalidResponse('a body that is no string');
  if (typeof (headers ?? {}) !== 'object') throw invalidResponse('headers that are no object');
  return { status: status as number, headers: lowerCase(headers ?? {}), body: (body ?? '') as string };
}

function invalidResponse(what: string): Failure {
  return new Failure({ kind: 'protocol', mayHaveBeenSent: true, message: `the adapter gave ${what}` });
}

function lowerCase(headers: object): Record<string, string | undefined> {
  const entries = Object.entries(headers).map(([name, value]: [string, unknown]) => {
    const isText = typeof value === 'string' || typeof value === 'number';
    return [name.toLowerCase(), isText ? String(value) : undefined] as const;
  });
  return Object.fromEntries(entries);
}
