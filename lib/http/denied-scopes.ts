import type { PermissionDeniedError } from '../errors/errors';
import type { Clock } from '../util/clock';

/** For how long a scope counts as missing, in milliseconds: it may be granted at any time. */
const MEMORY = 300_000;

/** How many are remembered. A token function may return another token for each attempt. */
const MAX_DENIALS = 1_000;

interface Denial {
  error: PermissionDeniedError;
  /** On the clock. */
  until: number;
}

/**
 * The scopes that tokens lack, as far as DigitalOcean's own responses have shown. Tokens are known by their digest: a
 * token function may return another token, which has scopes of its own.
 */
export class DeniedScopes {
  private readonly tokenKeys = new WeakMap<PermissionDeniedError, string>();
  /** The oldest first. */
  private readonly denials = new Map<string, Denial>();
  /** The token of the latest attempt. */
  private currentKey = '';

  constructor(private readonly clock: Clock) {}

  /** An attempt with this token begins. */
  use(tokenKey: string): void {
    this.currentKey = tokenKey;
  }

  /** DigitalOcean itself refused a request with this token. */
  record(error: PermissionDeniedError, tokenKey: string): void {
    this.tokenKeys.set(error, tokenKey);
  }

  /** The refused token lacks `scope`. Has no effect when it was not DigitalOcean that refused it. */
  add(scope: string, error: PermissionDeniedError): void {
    const tokenKey = this.tokenKeys.get(error);
    // A call that was not sent shows the error of an earlier one, which must not count for longer.
    if (tokenKey === undefined || this.find(scope, tokenKey)) return;
    const key = keyOf(scope, tokenKey);
    this.denials.delete(key);
    for (const [oldest, denial] of this.denials) {
      if (this.denials.size < MAX_DENIALS && !this.isOver(denial)) break;
      this.denials.delete(oldest);
    }
    this.denials.set(key, { error, until: this.clock.now() + MEMORY });
  }

  /** Whether the token of the latest attempt lacks `scope`. */
  has(scope: string): boolean {
    return this.find(scope, this.currentKey) !== null;
  }

  /** Why a token lacks `scope`; `null` when it is not known to lack it. */
  find(scope: string, tokenKey: string): PermissionDeniedError | null {
    const denial = this.denials.get(keyOf(scope, tokenKey));
    return denial && !this.isOver(denial) ? denial.error : null;
  }

  private isOver({ until }: Denial): boolean {
    return until <= this.clock.now();
  }
}

function keyOf(scope: string, tokenKey: string): string {
  return `${tokenKey} ${scope}`;
}
