import { onAbort } from '../../../lib/util/abort';
import type { TransportAdapter } from '../../../lib';
import { asked, type Json, pageJson } from '../../support/builders';

const ITEMS: Json[] = [1, 2, 3, 4, 5, 6].map((id) => ({ id, status: 'completed', resource_id: 5 }));

/** A server of lists of six items, which can hold its responses back. */
export class HeldServer {
  requests = 0;
  /** Whether responses are held back for ever. */
  isHolding = false;
  /** Whether it refuses the token. */
  isRefusing = false;
  /** Requests without a response. */
  inFlight = 0;

  readonly adapter: TransportAdapter = async ({ method, url, headers, signal }) => {
    this.requests += 1;
    if (this.isHolding) await this.#held(signal);
    if (this.isRefusing) return { status: 401, headers: {}, body: '{"id":"unauthorized","message":"no"}' };
    const request = asked(method, url, '', headers);
    const key = request.path.endsWith('/actions') ? 'actions' : 'images';
    const body = request.path.startsWith('/v2/actions/')
      ? { action: ITEMS.find(({ id }) => request.path.endsWith(`/${String(id)}`)) }
      : pageJson(key, ITEMS, request);
    return { status: 200, headers: {}, body: JSON.stringify(body) };
  };

  #held(signal: AbortSignal): Promise<never> {
    this.inFlight += 1;
    return new Promise((_resolve, reject) => {
      onAbort(signal, () => {
        this.inFlight -= 1;
        reject(new Error('aborted'));
      });
    });
  }
}
