import {
  ActionError,
  AuthenticationError,
  ClosedError,
  ConnectionError,
  ImageImportError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ResponseError,
  ServerError,
  TimeoutError,
  UnknownOutcomeError,
  UnprocessableError,
  WaitTimeoutError,
} from '../..';
import type { Screen } from './style';
import { printable, wrap } from './text-layout';

type ErrorClass = abstract new (...args: never[]) => Error;

/** What to do about it; the first that fits. */
const HINTS: readonly (readonly [ErrorClass, string])[] = [
  [AuthenticationError, 'Is the token still valid? Make one at cloud.digitalocean.com/account/api/tokens.'],
  [PermissionDeniedError, 'A token gets its scopes when it is made: make one that has this scope too.'],
  [NotFoundError, 'Is it gone, or of another account? .images lists what there is.'],
  [
    UnprocessableError,
    'Look at it anew with fetch(): is it there already, or busy? .actions shows what is going on.',
  ],
  [RateLimitError, '.limit shows how many requests are left, and when there will be more.'],
  [ServerError, 'DigitalOcean has trouble: see status.digitalocean.com, and try again.'],
  [ConnectionError, 'Is the network there, and a proxy needed? HTTPS_PROXY is honoured.'],
  [TimeoutError, 'Try again, or with a longer timeout: new DOApi({ timeout, deadline }).'],
  [UnknownOutcomeError, 'It may have been started. Look before you try again: await _error.reconcile()'],
  [WaitTimeoutError, 'It goes on. Wait again: await _error.inProgress[0].wait()'],
  [ActionError, 'The image stays as it was. Try again; if it errs again, ask their support.'],
  [ImageImportError, 'Is the URL public, and the image raw, qcow2, vhdx, vdi or vmdk, under 100 GB?'],
  [ClosedError, 'This manager was closed. The session’s own is api; new DOApi() makes another.'],
];

/** Ctrl-C was pressed while something was under way. */
export class Interrupted extends Error {
  constructor() {
    super('Ended by Ctrl-C. What DigitalOcean has begun goes on.');
  }
}

/** Somebody was asked, and said no. */
export class Declined extends Error {
  constructor() {
    super('Nothing was done.');
  }
}

/** The compiler refused a line before it ran. */
export class Refused extends Error {
  override readonly name = 'TypeScript';
}

/** An error for people: its sentence, what a support ticket needs, and a hint; its stack is kept for `.stack`. */
export function explain(error: unknown, { paint, columns }: Screen): string {
  if (error instanceof Interrupted || error instanceof Declined)
    return paint('yellow', wrap(error.message, columns));
  if (!(error instanceof Error)) return `${paint('red', 'Thrown:')} ${printable(String(error))}`;
  const { sentence, facts } = parts(error);
  const [first = '', ...more] = sentence.split('\n');
  const lines = [
    wrap(`${paint('red', error.name)}: ${first}`, columns - 2, '  '),
    ...more.map((line) => `  ${wrap(line, columns - 4, '    ')}`),
    ...facts.map((fact) => `  ${paint('dim', wrap(fact, columns - 4, '  '))}`),
  ];
  const hint = HINTS.find(([type]) => error instanceof type)?.[1];
  if (hint) lines.push(`  ${paint('cyan', wrap(hint, columns - 4, '  '))}`);
  return lines.join('\n');
}

/** The message without what is told apart: where it was sent, the status, the id of the request. */
function parts(error: Error): { sentence: string; facts: string[] } {
  const message = error.message.split('\n').map(printable).join('\n');
  if (!(error instanceof ResponseError)) return { sentence: message, facts: [] };
  const { method, url, status, id, requestId } = error;
  const before = `${method} ${url}: ${status} ${id === null ? '' : `${id}: `}`;
  const sentence = message.startsWith(before) ? message.slice(before.length) : message;
  const facts = [`${status}${id === null ? '' : ` ${id}`} · ${method} ${new URL(url).pathname}`];
  if (requestId === null) return { sentence, facts };
  return {
    sentence: sentence.replace(` (request ${requestId})`, ''),
    facts: [...facts, `request ${requestId}`],
  };
}
