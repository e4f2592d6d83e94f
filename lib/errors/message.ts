/** The longest message of an error, in characters. */
export const MAX_MESSAGE = 300;

/** The longest message of an unknown outcome, or of a response that cannot be read. */
export const MAX_LONG_MESSAGE = 400;

/** URLs and request ids are shown up to this length; the properties of an error hold them whole. */
const MAX_URL = 120;
const MAX_REQUEST_ID = 60;

/** What a message names of a request. */
interface MessageParts {
  method: string;
  url: string;
  attempts: number;
  requestId?: string | null;
}

/**
 * A message about a request, as one line: method, URL, `text`, the request id, the number of attempts, `hint`. Only URL,
 * request id and `text` are cut, so that the end of a long message is still there.
 * @param max in characters
 */
export function requestMessage(parts: MessageParts, text: string, hint = '', max = MAX_MESSAGE): string {
  const { method, url, attempts } = parts;
  const requestId = Object.hasOwn(parts, 'requestId') ? parts.requestId : null;
  const start = `${method} ${cut(url, MAX_URL)}: `;
  const request = requestId ? ` (request ${cut(requestId, MAX_REQUEST_ID)})` : '';
  const end = request + (attempts > 1 ? ` (tried ${attempts} times)` : '') + hint;
  return cut(start + cut(text, max - start.length - end.length) + end, max);
}

/** The first `max` characters of a text; the last of them is `…` when the text is longer. */
export function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, Math.max(0, max - 1))}…` : text;
}

/** Status, DigitalOcean's name and sentence. The title of a page often begins with the status, which is said once. */
export function describeStatus(
  { status, id, detail }: { status: number; id: string | null; detail: string },
  separator: string,
): string {
  const explanation = [id, detail].filter(Boolean).join(separator);
  if (explanation === '') return String(status);
  return new RegExp(`^${status}\\b`).test(explanation) ? explanation : `${status} ${explanation}`;
}
