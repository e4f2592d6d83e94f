import type { Reply } from '../routes/route-handler';
import { toJsonText } from '../../util/options/own-options';

/** A response as it is sent. */
export interface WireResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** `''` when there is no body. */
  text: string;
}

/** How a response reaches the caller. */
export type DeliveryMode =
  | { how: 'whole' }
  /** The connection is refused. */
  | { how: 'refused' }
  /** The connection is reset without a response. */
  | { how: 'reset' }
  /** No response comes, and the connection stays open. */
  | { how: 'stall' }
  /** The headers and half of the body come, and the connection stays open. */
  | { how: 'stall-in-body' }
  /** The headers and half of the body come, then the connection ends. */
  | { how: 'cut-in-body' }
  /** The body comes byte by byte, one byte each `every` milliseconds. */
  | { how: 'drip'; every: number }
  /** Bytes come that are not HTTP. */
  | { how: 'not-http' };

/** The response to one request, and how it is delivered. */
export interface Delivery {
  response: WireResponse;
  mode: DeliveryMode;
  /** The delay before the response, in milliseconds of the sandbox's clock. */
  delay: number;
}

/** Serializes a reply. */
export function toWireResponse(reply: Reply, headers: Record<string, string>): WireResponse {
  if (!reply.body) return { status: reply.status, headers, text: '' };
  return {
    status: reply.status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    text: toJsonText(reply.body) ?? '',
  };
}
