import { excerpt } from '../util/sanitize';
import { type Headers, requestIdOf } from './response-headers';

/** What an answer's headers and body say besides the data. */
export interface ErrorBody {
  id: string | null;
  detail: string;
  requestId: string | null;
}

/**
 * Reads an error's body. DigitalOcean sends `{ id, message, request_id? }`, its tags `{ error }`, the edge in front of it
 * HTML, plain text or nothing; an error is named by its status, so whatever came is only quoted.
 */
export function parseErrorBody(body: string, headers: Headers, statusText: string): ErrorBody {
  const json = parseObject(body);
  const text = (key: string): string | null => {
    const value = json?.[key];
    return typeof value === 'string' && value !== '' ? excerpt(value) : null;
  };
  const detail = json ? (text('message') ?? text('error') ?? '') : excerpt(body) || statusText;
  return { id: text('id'), detail, requestId: text('request_id') ?? requestIdOf(headers) };
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
