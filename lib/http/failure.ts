import { ownOptions } from '../util/options/own-options';
import type { AttemptTrace, HttpResponse } from './transport/types';

/** How an attempt failed. The retry policy decides what follows. */
export type FailureKind =
  /** Nothing was sent: no connection was made. */
  | 'unsent'
  /** Nothing was sent: the token function failed. */
  | 'token'
  /** The request may have arrived; no complete response came back. */
  | 'lost'
  /** The attempt's timeout has passed. */
  | 'timeout'
  /** The TLS handshake failed, or the certificate was refused. */
  | 'tls'
  /** The status of the response is not 2xx. */
  | 'status'
  /** The body of a 2xx is truncated or not JSON. */
  | 'unreadable'
  /** The response is not HTTP, too large, nested too deeply, or in an encoding that was not requested. */
  | 'protocol';

interface FailureInfo {
  kind: FailureKind;
  message: string;
  /** Whether the request may have reached the server. */
  mayHaveBeenSent: boolean;
  code?: string | null | undefined;
  syscall?: string | null | undefined;
  response?: HttpResponse | undefined;
}

/** One failed attempt. It stays inside the library: callers get an error of the public tree instead. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly mayHaveBeenSent: boolean;
  readonly code: string | null;
  readonly syscall: string | null;
  readonly response: HttpResponse | null;

  constructor(given: FailureInfo) {
    const info = ownOptions(given);
    super(info.message);
    this.kind = info.kind;
    this.mayHaveBeenSent = info.mayHaveBeenSent;
    this.code = info.code ?? null;
    this.syscall = info.syscall ?? null;
    this.response = info.response ?? null;
  }
}

const CERTIFICATE_CODES = /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;

/** Whether `code` says that the certificate was refused: nothing was sent, and a retry would not help. */
export function isCertificateRefused(code: string | null): boolean {
  return code !== null && CERTIFICATE_CODES.test(code);
}

/** Codes and system calls that prove that no connection was made. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
const BEFORE_CONNECTION = new Set(['connect', 'getaddrinfo']);
/** Before anything was sent, a failed handshake; afterwards, a broken connection. */
const TLS_CODES = /^(ERR_TLS_|ERR_SSL_|EPROTO$)/;

/** Converts an error of Node, or of a user's adapter. */
export function toFailure(error: NodeJS.ErrnoException, trace: AttemptTrace): Failure {
  const code = typeof error.code === 'string' ? error.code : null;
  const message = error.message === '' ? (code ?? 'the connection failed') : error.message;
  const syscall = error.syscall ?? null;
  const isUnsent =
    !trace.mayHaveBeenSent || NEVER_CONNECTED.has(code ?? '') || BEFORE_CONNECTION.has(syscall ?? '');
  const info = { message, code, syscall, mayHaveBeenSent: !isUnsent };
  if (isCertificateRefused(code)) return new Failure({ ...info, kind: 'tls', mayHaveBeenSent: false });
  if (code && TLS_CODES.test(code) && isUnsent) return new Failure({ ...info, kind: 'tls' });
  if (code?.startsWith('HPE_'))
    return new Failure({ ...info, kind: 'protocol', message: `not HTTP: ${message}` });
  return new Failure({ ...info, kind: isUnsent ? 'unsent' : 'lost' });
}
