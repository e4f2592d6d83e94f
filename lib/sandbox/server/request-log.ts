/** A request that reached the sandbox. */
export interface SandboxRequest {
  /** Such as `GET`. */
  method: string;
  /** Without query: `/v2/images/5`. */
  path: string;
  /** Its parameters; the last value of one that is repeated. */
  query: Readonly<Record<string, string>>;
  /** The parsed JSON; the text if it is not JSON; `undefined` without a body. */
  body: unknown;
  /** The status of the response; `null` if no response was sent. */
  status: number | null;
  /** Whether the API executed the request, even if the response was lost. */
  executed: boolean;
}

/** The log keeps at least this many requests, the latest. */
const KEPT = 100_000;

/** The requests of a sandbox, in order. */
export class RequestLog {
  #requests: SandboxRequest[] = [];

  get requests(): readonly SandboxRequest[] {
    return this.#requests;
  }

  add(request: SandboxRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > 2 * KEPT) this.#requests = this.#requests.slice(-KEPT);
  }

  clear(): void {
    this.#requests = [];
  }
}
