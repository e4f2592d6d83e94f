import { DOApiError, setName } from './errors';
import { requestMessage } from './message';

/** A request that would change something. */
export interface UnsentRequest {
  method: string;
  url: string;
  body: unknown;
  scope: string | null;
}

/** The manager has the option `readOnly`, and the request would change something. Nothing was sent. */
export class ReadOnlyError extends DOApiError {
  /** Of the request that was not sent, such as `DELETE`. */
  readonly method: string;
  /** Of that request, with its query. */
  readonly url: string;
  /** The scope that the request needs, such as `image:delete`; `null` for a path this library does not know. */
  readonly scope: string | null;
  readonly #body: unknown;

  /** @internal */
  constructor({ method, url, body, scope }: UnsentRequest) {
    const needs = scope ? `; it needs the scope ${scope}` : '';
    super(requestMessage({ method, url, attempts: 0 }, 'not sent, since this DOApi is read-only', needs));
    this.method = method;
    this.url = url;
    this.scope = scope;
    this.#body = body;
  }

  /** The body that would have been sent as JSON; `undefined` when there is none. */
  get body(): unknown {
    // A getter, so that it is not logged: the body of an import may hold a presigned URL.
    return this.#body;
  }
}
setName(ReadOnlyError, 'ReadOnlyError');
