import { sleep, type Clock } from '../../util/clock';
import { onAbort } from '../../util/abort';
import type { TransportAdapter, TransportRequest, TransportResponse } from '../../http/transport/types';
import type { Delivery, DeliveryMode } from './delivery';
import type { RequestPipeline } from './request-pipeline';

/** What the in-process adapter needs. */
export interface InProcessOptions {
  pipeline: RequestPipeline;
  clock: Clock;
  /** Whether every token is accepted. */
  anyToken: boolean;
}

/** The transport adapter that responds in process. The caller sees the same as over a socket. */
export function inProcess({ pipeline, clock, anyToken }: InProcessOptions): TransportAdapter {
  return async (request) => {
    request.signal.throwIfAborted();
    const { origin, pathname, search } = new URL(request.url);
    // An endpoint may have a path of its own before /v2.
    const prefix = Math.max(0, pathname.indexOf('/v2'));
    const method = request.method.toUpperCase();
    const delivery = pipeline.handle({
      method,
      target: pathname.slice(prefix) + search,
      base: origin + pathname.slice(0, prefix),
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
      body: request.body,
      anyToken,
    });
    return deliverInProcess(method === 'HEAD' ? withoutBody(delivery) : delivery, clock, request);
  };
}

/** The response to HEAD is that to GET without its body. Over HTTP, Node leaves the body out. */
function withoutBody({ response, ...delivery }: Delivery): Delivery {
  return { ...delivery, response: { ...response, text: '' } };
}

async function deliverInProcess(
  { response: { status, headers, text }, mode, delay }: Delivery,
  clock: Clock,
  { signal }: TransportRequest,
): Promise<TransportResponse> {
  if (delay > 0) await sleep(clock, delay, signal);
  if (mode.how === 'drip') await sleep(clock, mode.every * Buffer.byteLength(text), signal);
  if (mode.how === 'stall' || mode.how === 'stall-in-body') return neverUntilAborted(signal);
  const failure = CONNECTION_FAILURES.get(mode.how);
  if (failure) throw Object.assign(new Error(failure.message), failure);
  return { status, headers, body: text };
}

/** The errors of Node for the modes in which the connection fails. */
const CONNECTION_FAILURES: ReadonlyMap<
  DeliveryMode['how'],
  { message: string; code: string; syscall?: string }
> = new Map([
  ['refused', { message: 'connect ECONNREFUSED 127.0.0.1:443', code: 'ECONNREFUSED', syscall: 'connect' }],
  ['reset', { message: 'read ECONNRESET', code: 'ECONNRESET', syscall: 'read' }],
  ['cut-in-body', { message: 'aborted', code: 'ECONNRESET' }],
  ['not-http', { message: 'Parse Error: Expected HTTP/', code: 'HPE_INVALID_CONSTANT' }],
]);

/** Rejects when `signal` aborts, and never resolves. */
function neverUntilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => onAbort(signal, reject));
}
