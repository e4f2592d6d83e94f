import { Ending } from './ending';
import { LARGEST_BODY, tooLarge } from './body';
import { Failure } from './failure';
import type { TransportAdapter, TransportResponse } from './transport';
import { failureOf, type Wire, type WireAnswer } from './wire';

/** A transport of the user's own. What happens inside is not known, so anything may have been sent. */
export function adapted(adapter: TransportAdapter): Wire {
  const send: (...args: Parameters<Wire>) => ReturnType<Wire> = async (request, trace) => {
    trace.sent = true;
    let response: unknown;
    try {
      const { signal } = request;
      response = await adapter({ ...request, signal: signal instanceof Ending ? signal.signal : signal });
    } catch (error) {
      throw failureOf(error instanceof Error ? error : new Error('the adapter failed'), trace);
    }
    const answer = checked(response);
    if (Buffer.byteLength(answer.body) > LARGEST_BODY) throw tooLarge(answer.status, answer.headers);
    return answer;
  };
  return Object.assign(send, { close: () => undefined });
}

/** Whoever writes an adapter in JavaScript may leave out what is empty, and give anything. @throws Failure */
function checked(response: unknown): WireAnswer {
  const { status, headers, body } = (response ?? {}) as Partial<Record<keyof TransportResponse, unknown>>;
  if (!Number.isInteger(status)) throw misfit('a status that is no whole number');
  if (typeof (body ?? '') !== 'string') throw misfit('a body that is no string');
  if (typeof (headers ?? {}) !== 'object') throw misfit('headers that are no object');
  return { status: status as number, headers: lowerCase(headers ?? {}), body: (body ?? '') as string };
}

function misfit(what: string): Failure {
  return new Failure({ kind: 'protocol', sent: true, message: `the adapter gave ${what}` });
}

function lowerCase(headers: object): Record<string, string | undefined> {
  const entries = Object.entries(headers).map(([name, value]: [string, unknown]) => {
    const isText = typeof value === 'string' || typeof value === 'number';
    return [name.toLowerCase(), isText ? String(value) : undefined] as const;
  });
  return Object.fromEntries(entries);
}
