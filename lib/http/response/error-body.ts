import http from 'node:http';
import { describeStatus } from '../../errors/message';
import { excerpt } from '../../util/text/sanitize';
import { textOfPage } from '../../util/text/html';
import type { Failure } from '../failure';
import { type Headers, requestIdOf } from './response-headers';

/** What the body and the headers of an error response say. */
export interface ErrorBody {
  id: string | null;
  detail: string;
  requestId: string | null;
}

/**
 * Parses the body of an error response. DigitalOcean sends `{ id, message, request_id? }`, its tags `{ error }`, its
 * edge servers HTML, plain text or nothing. The status names the error; the body is only quoted.
 * @param statusText the detail of an empty body
 */
export function parseErrorBody(body: string, headers: Headers, statusText: string): ErrorBody {
  const json = parseObject(body);
  const text = (key: string): string | null => textAt(json, key);
  const detail = json ? (text('message') ?? text('error') ?? '') : excerpt(textOfPage(body)) || statusText;
  return { id: text('id'), detail, requestId: text('request_id') ?? requestIdOf(headers) };
}

/** Whether the body is an error in DigitalOcean's own form, not one of a server in between. */
export function isOwnError(body: string): boolean {
  const json = parseObject(body);
  return textAt(json, 'id') !== null && textAt(json, 'message') !== null;
}

/** A failed attempt in a few words, for a hook or for the middle of a sentence. */
export function describeFailure({ response, kind, message, code }: Failure): string {
  if (kind === 'status' && response) {
    const { status, headers, body } = response;
    const { id, detail } = parseErrorBody(body, headers, http.STATUS_CODES[status] ?? '');
    return describeStatus({ status, id, detail }, ' ');
  }
  return code && !message.includes(code) ? `${message} (${code})` : message;
}

function textAt(json: Record<string, unknown> | null, key: string): string | null {
  const value = json && Object.hasOwn(json, key) ? json[key] : undefined;
  if (typeof value !== 'string' || value === '') return null;
  // A sentence may name something in angle brackets: `<name> is required`. Only markup has end tags.
  return excerpt(value.includes('</') ? textOfPage(value) : value);
}

function parseObject(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
