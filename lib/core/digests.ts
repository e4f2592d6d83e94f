import { createHash } from 'node:crypto';

/** What stands for a token where it must not be kept itself. Remembers the last one: few managers have two. */
export class Digests {
  #last: { token: string; digest: string } | null = null;

  of(token: string): string {
    if (this.#last?.token !== token) {
      this.#last = { token, digest: createHash('sha256').update(token).digest('base64') };
    }
    return this.#last.digest;
  }
}
