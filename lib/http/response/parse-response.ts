import { textOfPage } from '../../util/text/html';
import { describeValue } from '../../util/text/sanitize';
import type { CallInfo } from '../call-info';
import { Failure, type FailureKind } from '../failure';
import type { Token } from '../token';
import type { HttpResponse } from '../transport/types';
import { NotJson, parseJson } from './json';

/**
 * The data of a 2xx, unchanged; `null` for a HEAD.
 * @throws Failure for any other status, for one outside 200 to 599, and for a body that is not JSON; the token is removed from what it quotes
 */
export function parseResponse(response: HttpResponse, { method, safety }: CallInfo, token: Token): unknown {
  const failure = (kind: FailureKind, message: (body: string) => string): Failure => {
    const body = token.hide(response.body);
    const quoted = { ...response, body };
    return new Failure({ kind, mayHaveBeenSent: true, message: message(body), response: quoted });
  };
  const { status } = response;
  if (status < 200 || status >= 600)
    throw failure('protocol', () => `a status that ends no request: ${status}`);
  if (status >= 300) throw failure('status', () => String(status));
  if (method === 'HEAD') return null;
  try {
    const data = parseJson(response.body);
    // A GET must return something; for all other methods an empty body is a success.
    if (data === null && safety === 'safe') throw new NotJson('an empty body instead of JSON');
    return data;
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const kind = error.isWellFormed ? 'protocol' : 'unreadable';
    throw failure(kind, (body) => {
      const text = textOfPage(body).trim();
      return error.message + (text === '' ? '' : `: ${describeValue(text)}`);
    });
  }
}
