import { Ending } from './ending';
import { LARGEST_BODY, tooLarge } from './body';
import type { TransportAdapter, TransportResponse } from './transport';
import { failureOf, type Wire } from './wire';

/** A transport of the user's own. What happens inside is not known, so anything may have been sent. */
export function adapted(adapter: TransportAdapter): Wire {
  const send: (...args: Parameters<Wire>) => ReturnType<Wire> = async (request, trace) => {
    trace.sent = true;
    let response: TransportResponse;
    try {
      const { signal } = request;
      response = await adapter({ ...request, signal: signal instanceof Ending ? signal.signal : signal });
    } catch (error) {
      throw failureOf(error instanceof Error ? error : new Error('the adapter failed'), trace);
    }
    // Whoever writes one in JavaScript may leave out what is empty.
    const { status, headers = {}, body = '' } = response as Partial<TransportResponse> & { status: number };
    const answer = { status, headers: lowerCase(headers), body };
    if (Buffer.byteLength(answer.body) > LARGEST_BODY) throw tooLarge(answer.status, answer.headers);
    return answer;
  };
  return Object.assign(send, { close: () => undefined });
}

function lowerCase(
  headers: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
