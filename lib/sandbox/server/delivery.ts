import type { Reply } from '../routes/route-handler';

/** An answer as it goes over the wire. */
export interface WireResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** `''` when there is no body. */
  text: string;
}

/** How an answer reaches the caller, or does not. */
export type DeliveryMode =
  | { how: 'whole' }
  /** No connection can be made. */
  | { how: 'refused' }
  /** The connection is reset without an answer. */
  | { how: 'reset' }
  /** Nothing comes, ever. */
  | { how: 'stall' }
  /** The headers and half of the body come, then nothing. */
  | { how: 'stall-in-body' }
  /** The headers and half of the body come, then the connection ends. */
  | { how: 'cut-in-body' }
  /** One byte of the body every so many milliseconds. */
  | { how: 'drip'; every: number }
  /** Something comes that is not HTTP. */
  | { how: 'not-http' };

/** What the sandbox makes of one request. */
export interface Delivery {
  response: WireResponse;
  mode: DeliveryMode;
  /** How long the answer is held back, in milliseconds of the sandbox's clock. */
  delay: number;
}

/** Writes a reply as it goes over the wire. */
export function toWireResponse(reply: Reply, headers: Record<string, string>): WireResponse {
  if (!reply.body) return { status: reply.status, headers, text: '' };
  return {
    status: reply.status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    text: JSON.stringify(reply.body),
  };
}
