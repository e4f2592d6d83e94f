import type { DOApiOptions, RequestEvent, ResponseEvent, RetryEvent } from '../..';
import { printable } from '../../util/text/sanitize';
import type { Screen } from './style';
import { clip, duration, widthOf } from './text-layout';

/** The hooks that a session adds to each manager. */
export type SessionEvents = Required<Pick<DOApiOptions, 'onRequest' | 'onResponse' | 'onRetry'>>;

/** Prints each request in a line: method, path, status, time, and whether it was a retry. No header, no body, no token. */
export class RequestLines {
  /** Can be changed at any time. */
  isOn = false;
  /** When the requests without a response were sent, by method and URL. */
  readonly #sentAt = new Map<string, number>();
  readonly events: SessionEvents = {
    onRequest: ({ method, url }: RequestEvent) => void this.#sentAt.set(`${method} ${url}`, this.now()),
    onResponse: (event: ResponseEvent) => {
      if (this.#take(event) === null) return;
      const { status, elapsed } = event;
      this.#print(event, this.screen.paint(status < 400 ? 'green' : 'red', String(status)), elapsed);
    },
    onRetry: (event: RetryEvent) => {
      const sentAt = this.#take(event);
      // With a response it has its line.
      if (sentAt !== null) this.#print(event, this.#reason(event.reason), this.now() - sentAt);
    },
  };

  /**
   * @param print writes a line
   * @param now the time in milliseconds
   */
  constructor(
    private readonly screen: Screen,
    private readonly print: (text: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** A call has failed: prints its last request if that had no response. */
  failed(request: { method: string; url: string }, error: unknown): void {
    const sentAt = this.#take(request);
    const name = error instanceof Error ? error.name : 'failed';
    if (sentAt !== null) this.#print(request, this.#reason(name), this.now() - sentAt);
  }

  /** @returns when the request was sent; `null` when it was not, or has its line */
  #take({ method, url }: { method: string; url: string }): number | null {
    const key = `${method} ${url}`;
    const sentAt = this.#sentAt.get(key) ?? null;
    this.#sentAt.delete(key);
    return sentAt;
  }

  #reason(reason: string): string {
    return this.screen.paint('red', printable(reason));
  }

  #print(event: { method: string; url: string; attempt?: number }, outcome: string, elapsed: number): void {
    if (!this.isOn) return;
    const { method, url, attempt = 1 } = event;
    const { pathname, search } = new URL(url);
    const time = elapsed < 1_000 ? `${Math.round(elapsed)} ms` : duration(elapsed);
    const retry = attempt > 1 ? `  retry ${attempt - 1}` : '';
    const rest = `  ${outcome}  ${time}${retry}`;
    const room = this.screen.columns - method.length - 1 - widthOf(rest);
    const path = clip(printable(pathname + search), Math.max(12, room));
    this.print(`${this.screen.paint('dim', `${method} ${path}`)}${rest}\n`);
  }
}
