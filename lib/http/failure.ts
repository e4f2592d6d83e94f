import type { Headers } from './response-headers';

/** How an attempt failed, before anybody decides what that means. */
export type FailureKind =
  /** Nothing was sent: no connection was made. */
  | 'unsent'
  /** The request may have arrived; no complete answer came. */
  | 'lost'
  /** The attempt's time was up. */
  | 'timeout'
  /** The other side could not prove who it is. */
  | 'tls'
  /** An answer with a status that is not 2xx. */
  | 'status'
  /** A 2xx whose body is cut off or is not JSON. */
  | 'unreadable'
  /** Not HTTP, too large, too deep, or encoded in a way nobody asked for. */
  | 'protocol';

interface FailureInfo {
  kind: FailureKind;
  message: string;
  /** Whether the request may have reached the server. */
  mayHaveBeenSent: boolean;
  code?: string | null | undefined;
  syscall?: string | null | undefined;
  response?: { status: number; headers: Headers; body: string } | undefined;
}

/** One failed attempt. It stays inside `core`: callers get one of `errors.ts` instead. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly mayHaveBeenSent: boolean;
  readonly code: string | null;
  readonly syscall: string | null;
  readonly response: { status: number; headers: Headers; body: string } | null;

  constructor(facts: FailureInfo) {
    super(facts.message);
    this.kind = facts.kind;
    this.mayHaveBeenSent = facts.mayHaveBeenSent;
    this.code = facts.code ?? null;
    this.syscall = facts.syscall ?? null;
    this.response = facts.response ?? null;
  }
}

const CERTIFICATE = /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;

/** By Node's code: the certificate was looked at and refused, before anything was sent. That does not pass. */
export function isCertificateRefused(code: string | null): boolean {
  return code !== null && CERTIFICATE.test(code);
}
