// In a file of its own, since node:crypto takes longer to load than the rest of an import; it is loaded with the first request.
import { createHash } from 'node:crypto';

/** Digests serve as keys where the token must not be kept. The last one is cached: few clients have two tokens. */
export class TokenDigests {
  #last: { token: string; digest: string } | null = null;

  of(token: string): string {
    if (this.#last?.token !== token) {
      this.#last = { token, digest: createHash('sha256').update(token).digest('base64') };
    }
    return this.#last.digest;
  }
}
