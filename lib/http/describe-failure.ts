import http from 'node:http';
import { describeStatus } from '../errors/errors';
import { parseErrorBody } from './error-body';
import type { Failure } from './failure';

/** A failed attempt in a few words, for a hook or for the middle of a sentence. */
export function describeFailure({ response, kind, message, code }: Failure): string {
  if (kind === 'status' && response) {
    const { status, headers, body } = response;
    const { id, detail } = parseErrorBody(body, headers, http.STATUS_CODES[status] ?? '');
    return describeStatus({ status, id, detail }, ' ');
  }
  return code && !message.includes(code) ? `${message} (${code})` : message;
}
