import { sleep, type Clock } from '../../util/clock';
import { onAbort } from '../../util/abort';
import type { TransportAdapter, TransportRequest, TransportResponse } from '../../http/transport/types';
import type { WireResponse, Delivery, DeliveryMode } from './delivery';
import type { RequestPipeline } from './request-pipeline';

/** How a sandbox is reached without a socket. */
export interface InProcessOptions {
  pipeline: RequestPipeline;
  clock: Clock;
  /** Whether any token will do. */
  anyToken: boolean;
}

/** Answers attempts in process. What happens on a socket with `listen` looks the same to the caller here. */
export function inProcess({ pipeline: gate, clock, anyToken }: InProcessOptions): TransportAdapter {
  return async (request) => {
    request.signal.throwIfAborted();
    const { origin, pathname, search } = new URL(request.url);
    // An endpoint may have a path of its own before /v2.
    const prefix = Math.max(0, pathname.indexOf('/v2'));
    const delivery = gate.handle({
      method: request.method.toUpperCase(),
      target: pathname.slice(prefix) + search,
      base: origin + pathname.slice(0, prefix),
      authorization: request.headers.authorization,
      body: request.body,
      anyToken,
    });
    return deliver(delivery, clock, request);
  };
}

async function deliver(
  { response: answer, mode: manner, delay }: Delivery,
  clock: Clock,
  { signal }: TransportRequest,
): Promise<TransportResponse> {
  if (delay > 0) await sleep(clock, delay, signal);
  if (manner.how === 'drip') await sleep(clock, manner.every * Buffer.byteLength(answer.text), signal);
  if (manner.how === 'stall' || manner.how === 'stall-in-body') return forever(signal);
  const failure = CONNECTION_FAILURES[manner.how];
  if (failure) throw Object.assign(new Error(failure.message), failure);
  return respond(answer);
}

/** What node reports when a connection fails in such a way. */
const CONNECTION_FAILURES: Partial<
  Record<DeliveryMode['how'], { message: string; code: string; syscall?: string }>
> = {
  refused: { message: 'connect ECONNREFUSED 127.0.0.1:443', code: 'ECONNREFUSED', syscall: 'connect' },
  reset: { message: 'read ECONNRESET', code: 'ECONNRESET', syscall: 'read' },
  'cut-in-body': { message: 'aborted', code: 'ECONNRESET' },
  'not-http': { message: 'Parse Error: Expected HTTP/', code: 'HPE_INVALID_CONSTANT' },
};

function respond({ status, headers, text }: WireResponse): TransportResponse {
  return { status, headers, body: text };
}

function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => onAbort(signal, reject));
}
