import { inspect } from 'node:util';
import {
  Action,
  ActionError,
  AuthenticationError,
  ClosedError,
  ConnectionError,
  CreateDropletsError,
  Droplet,
  Image,
  ImageImportError,
  LookupError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ReadOnlyError,
  ResponseError,
  ServerError,
  TimeoutError,
  UnknownOutcomeError,
  UnprocessableError,
  WaitActionsError,
  WaitTimeoutError,
} from '../..';
import type { Screen } from './style';
import { printable } from '../../util/text/sanitize';
import { wrap } from './text-layout';

type ErrorClass = abstract new (...args: never[]) => Error;
type ResourceType = typeof Action | typeof Image | typeof Droplet;

/** What to do about an error; the first class that fits. */
const HINTS: readonly (readonly [ErrorClass, string])[] = [
  [AuthenticationError, 'Is the token still valid? Create one at cloud.digitalocean.com/account/api/tokens.'],
  [PermissionDeniedError, 'The scopes of a token are fixed: create a token that has this scope, too.'],
  [
    NotFoundError,
    'Was it deleted, or is it in another account? .images and .droplets list those of this one.',
  ],
  [
    UnprocessableError,
    'Fetch its present state with fetch(): is it done already, or busy? .actions lists the actions.',
  ],
  [RateLimitError, '.limit shows how many requests are left, and when more become available.'],
  [ServerError, 'The error is at DigitalOcean: see status.digitalocean.com, and try again.'],
  [ConnectionError, 'Is the network up? Is a proxy needed? HTTPS_PROXY names one.'],
  [TimeoutError, 'Try again, or with a longer timeout: new DOApi({ timeout, deadline }).'],
  [UnknownOutcomeError, 'It may have been started. Check before you try again: await _error.reconcile()'],
  [WaitActionsError, 'Each has an id and an error in _error.failures; the other actions have ended.'],
  [
    ActionError,
    'Fetch the present state with fetch(), and try again; if it fails again, contact DigitalOcean support.',
  ],
  [ImageImportError, 'Is the URL public, and the image raw, qcow2, vhdx, vdi or vmdk, under 100 GB?'],
  [CreateDropletsError, 'Those in _error.droplets exist and are charged; _error.failures has the others.'],
  [LookupError, 'Those that it may be are in _error.candidates.'],
  [ReadOnlyError, 'If it is the session that is read-only, .readonly off lets it change things.'],
  [ClosedError, 'This manager was closed. new DOApi() makes another.'],
];

/** How each class of resources is waited for. */
const WAITS: readonly (readonly [ResourceType, string])[] = [
  [Action, 'wait()'],
  [Image, 'waitUntilAvailable()'],
  [Droplet, 'waitUntilActive()'],
];

/** What the session knows more about an error. */
export const hints = new WeakMap<Error, string>();

function hintFor(error: Error): string | undefined {
  const own = hints.get(error);
  if (own !== undefined) return printable(own);
  if (!(error instanceof WaitTimeoutError)) return HINTS.find(([type]) => error instanceof type)?.[1];
  const first: unknown = error.inProgress[0];
  const method = WAITS.find(([type]) => first instanceof type)?.[1];
  return method
    ? `It is still in progress. Wait again: await _error.inProgress[0].${method}`
    : 'It is still in progress. .actions lists the actions.';
}

/** Ctrl-C was pressed while something was running. */
export class Interrupted extends Error {
  constructor() {
    super('Ended by Ctrl-C. What DigitalOcean has started continues.');
  }
}

/** The question before a change was answered with no. */
export class Declined extends Error {
  constructor() {
    super('Nothing was sent.');
  }
}

/** A line did not compile, so it did not run. */
export class CompileError extends Error {
  override readonly name = 'TypeScript';
}

/** As `instanceof`. A Proxy whose traps throw is an instance of nothing. */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

const UNREADABLE = 'a value that cannot be shown: reading it throws';

/**
 * What `show` returns. A value whose getters or traps throw in it is shown as Node shows it, if Node can. Of such an error,
 * some versions of Node show no more than that it is one.
 */
export function shownAnyway(value: unknown, show: () => string): string {
  try {
    return show();
  } catch {
    try {
      return isInstance(value, Error) ? UNREADABLE : printable(inspect(value));
    } catch {
      return UNREADABLE;
    }
  }
}

/** Formats an error: its message, the facts that a support ticket needs, and a hint. Its stack is left to `.stack`. */
export function explain(error: unknown, screen: Screen): string {
  const thrown = screen.paint('red', 'Thrown:');
  if (!isInstance(error, Error)) return `${thrown} ${shownAnyway(error, () => printable(String(error)))}`;
  return shownAnyway(error, () => explained(error, screen));
}

function explained(error: Error, { paint, columns }: Screen): string {
  if (error instanceof Interrupted || error instanceof Declined)
    return paint('yellow', wrap(error.message, columns));
  const { sentence, facts } = parts(error);
  const [first = '', ...more] = sentence.split('\n');
  const lines = [
    wrap(`${paint('red', printable(error.name))}: ${first}`, columns - 2, '  '),
    ...more.map((line) => `  ${wrap(line, columns - 4, '    ')}`),
    ...facts.map((fact) => `  ${paint('dim', wrap(printable(fact), columns - 4, '  '))}`),
  ];
  const hint = hintFor(error);
  if (hint) lines.push(`  ${paint('cyan', wrap(hint, columns - 4, '  '))}`);
  return lines.join('\n');
}

/** Splits the message from the facts in it: request, status, the id of the request. */
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
