/** A request that reached the sandbox. */
export interface SandboxRequest {
  method: string;
  /** Without query: `/v2/images/5`. */
  path: string;
  query: Readonly<Record<string, string>>;
  /** The parsed JSON; the text when it is not JSON; `undefined` without a body. */
  body: unknown;
  /** The status of the answer; `null` when no answer came. */
  status: number | null;
  /** Whether the API carried the request out: also true when the caller never saw the answer. */
  executed: boolean;
}

/** How many requests are remembered: the latest ones. */
const KEPT = 100_000;

/** What was asked, in order. */
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
