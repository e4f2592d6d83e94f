import { describe, expect, it } from '@jest/globals';
import { CallState, type CallInfo, describeFailure } from '../../lib/http/call-state';
import type { Headers } from '../../lib/http/response-headers';
import { Failure, type FailureKind } from '../../lib/http/failure';
import { RetryBudget } from '../../lib/http/retry-budget';
import { ManualClock } from '../support/manual-clock';

const TIMEOUT = 30_000;
const DEADLINE = 120_000;

const GET: CallInfo = {
  method: 'GET',
  url: 'https://api.digitalocean.com/v2/images/5',
  body: undefined,
  safety: 'read',
  scope: () => null,
  reconcile: undefined,
};
const DELETE: CallInfo = { ...GET, method: 'DELETE', safety: 'repeatable' };
const POST: CallInfo = { ...GET, method: 'POST', safety: 'once' };

/** A call whose pauses are as long as they can be. */
function call(facts: CallInfo, clock = new ManualClock()): CallState {
  const patience = { clock, timeout: TIMEOUT, deadline: DEADLINE, retryBudget: new RetryBudget() };
  return new CallState(facts, patience, () => 1);
}

const failed = (kind: FailureKind, sent = true, code: string | null = null): Failure =>
  new Failure({ kind, message: 'it failed', mayHaveBeenSent: sent, code });

const answered = (status: number, body = '', headers: Headers = {}): Failure =>
  new Failure({
    kind: 'status',
    message: String(status),
    mayHaveBeenSent: true,
    response: { status, headers, body },
  });

describe('the attempts of a call', () => {
  it('are counted, and of each it is known whether anything was sent', () => {
    const attempts = call(GET);
    expect([attempts.attempt, attempts.trace, attempts.retryDelay]).toEqual([
      0,
      { mayHaveBeenSent: false },
      0,
    ]);
    attempts.startAttempt();
    attempts.trace.mayHaveBeenSent = true;
    attempts.startAttempt();
    expect([attempts.attempt, attempts.trace]).toEqual([2, { mayHaveBeenSent: false }]);
  });

  it('end when the pause before the next would reach the deadline, and not a moment sooner', async () => {
    const clock = new ManualClock();
    const attempts = call(GET, clock);
    attempts.startAttempt();
    await clock.advance(DEADLINE - 501);
    expect(attempts.shouldRetry(failed('lost'))).toBe(true);
    expect(attempts.retryDelay).toBe(500);
    await clock.advance(1);
    expect(attempts.shouldRetry(failed('lost'))).toBe(false);
  });

  it('are over at the deadline, not a moment sooner', async () => {
    const clock = new ManualClock();
    const attempts = call(GET, clock);
    attempts.startAttempt();
    await clock.advance(DEADLINE - 1);
    expect(() => attempts.throwIfEnded([])).not.toThrow();
    await clock.advance(1);
    expect(() => attempts.throwIfEnded([])).toThrow('deadline of 120000 ms');
    // Whoever gave up hears of that, not of the time.
    const signals = [undefined, AbortSignal.abort(new Error('enough'))];
    expect(() => attempts.throwIfEnded(signals)).toThrow('enough');
  });

  it('have their own time, or what is left of the call', async () => {
    const clock = new ManualClock();
    const signals = [new AbortController().signal, undefined];
    const attempts = call(POST, clock);
    attempts.startAttempt();
    attempts.trace.mayHaveBeenSent = true;
    const usual = attempts.attemptLimits(signals);
    expect(usual).toMatchObject({ clock, signals, timeout: TIMEOUT });
    const failure = usual.onTimeout();
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      kind: 'timeout',
      mayHaveBeenSent: true,
      message: 'no complete answer within 30000 ms',
    });
    expect(attempts.overallLimits(signals)).toMatchObject({ clock, signals, timeout: DEADLINE });
    await clock.advance(DEADLINE - TIMEOUT - 1);
    expect(attempts.attemptLimits(signals).onTimeout()).toBeInstanceOf(Failure);
    await clock.advance(1);
    expect(attempts.attemptLimits(signals).onTimeout()).toMatchObject({ name: 'UnknownOutcomeError' });
    await clock.advance(10_000);
    const last = attempts.attemptLimits(signals);
    expect([last.timeout, last.signals, last.clock]).toEqual([20_000, signals, clock]);
    expect(String(last.onTimeout())).toContain('no answer within 120000 ms');
  });

  it('that are to be repeated have not been sent yet', () => {
    const attempts = call(POST);
    attempts.startAttempt();
    attempts.trace.mayHaveBeenSent = true;
    expect(attempts.shouldRetry(answered(429))).toBe(true);
    expect(attempts.deadlineError()).toMatchObject({ name: 'TimeoutError', kind: 'deadline', attempts: 1 });
  });

  it('end when the server asks to wait for more than a minute', () => {
    const asked = (seconds: number): Failure => answered(503, '', { 'retry-after': String(seconds) });
    expect(call(GET).shouldRetry(asked(60))).toBe(true);
    expect(call(GET).shouldRetry(asked(61))).toBe(false);
  });
});

describe('a DELETE that finds nothing to delete', () => {
  const GONE = '{"message":"This image was Already deleted."}';

  it('is not done by its first attempt', () => {
    expect(call(DELETE).isAlreadyDone(answered(404))).toBe(false);
  });

  it.each<[what: string, failure: Failure, done: boolean]>([
    ['404', answered(404), true],
    ['422 that says so', answered(422, GONE), true],
    ['422 that says something else', answered(422, '{"message":"in use"}'), false],
    ['409 that says so', answered(409, GONE), false],
    ['no answer', failed('lost'), false],
  ])('after an attempt whose answer was lost: %s', (_what, failure, done) => {
    const attempts = call(DELETE);
    expect(attempts.shouldRetry(failed('lost'))).toBe(true);
    expect(attempts.isAlreadyDone(failure)).toBe(done);
  });

  it('is not done after attempts of which none arrived, or that were refused with 429', () => {
    const attempts = call(DELETE);
    expect(attempts.shouldRetry(failed('unsent', false))).toBe(true);
    expect(attempts.shouldRetry(answered(429))).toBe(true);
    expect(attempts.isAlreadyDone(answered(404))).toBe(false);
  });

  it('is meant for a DELETE only', () => {
    const attempts = call(GET);
    attempts.shouldRetry(failed('lost'));
    expect(attempts.isAlreadyDone(answered(404))).toBe(false);
  });
});

describe('what the caller is told', () => {
  it('is the limit that was met: of the attempt, or of the call when no time is left for another', async () => {
    const clock = new ManualClock();
    const attempts = call(GET, clock);
    attempts.startAttempt();
    expect(attempts.toError(failed('timeout'))).toMatchObject({
      kind: 'attempt',
      limit: TIMEOUT,
      attempts: 1,
    });
    await clock.advance(DEADLINE);
    attempts.shouldRetry(failed('timeout'));
    expect(attempts.toError(failed('timeout'))).toMatchObject({ kind: 'deadline', limit: DEADLINE });
  });

  it('is of a POST that nobody knows, once something of it was sent', () => {
    const attempts = call(POST);
    attempts.startAttempt();
    expect(attempts.deadlineError()).toMatchObject({ name: 'TimeoutError', kind: 'deadline' });
    attempts.trace.mayHaveBeenSent = true;
    expect(attempts.deadlineError()).toMatchObject({
      name: 'UnknownOutcomeError',
      status: null,
      id: null,
      requestId: null,
      message: expect.stringContaining(`: no answer within ${DEADLINE} ms, so it may have been carried out`),
    });
  });

  it('is that time is up, of anything else, sent or not', () => {
    const attempts = call(GET);
    attempts.trace.mayHaveBeenSent = true;
    expect(attempts.deadlineError()).toMatchObject({ name: 'TimeoutError', kind: 'deadline' });
  });

  it.each<FailureKind>(['unreadable', 'protocol'])('is what came and cannot be read: %s', (kind) => {
    const headers = { 'x-request-id': 'abc' };
    const answer = { status: 200, headers, body: '' };
    expect(
      call(GET).toError(new Failure({ kind, message: 'not JSON', mayHaveBeenSent: true, response: answer })),
    ).toMatchObject({
      name: 'UnexpectedResponseError',
      status: 200,
      problem: 'not JSON',
      requestId: 'abc',
    });
    expect(call(GET).toError(failed(kind))).toMatchObject({
      name: 'UnexpectedResponseError',
      status: 0,
      requestId: null,
    });
  });

  it('is the status in words where the server says nothing', () => {
    expect(call(GET).toError(answered(404))).toMatchObject({
      status: 404,
      message: expect.stringContaining('Not Found'),
    });
  });

  it('is what cannot be read in an answer, and that a POST may have been carried out', () => {
    const headers = { 'x-request-id': 'abc' };
    expect(call(GET).unreadableError('no image', 200, headers)).toMatchObject({
      name: 'UnexpectedResponseError',
      status: 200,
      problem: 'no image',
      requestId: 'abc',
    });
    expect(call(POST).unreadableError('no action', 201, headers)).toMatchObject({
      name: 'UnknownOutcomeError',
      status: 201,
      requestId: 'abc',
      message: expect.stringContaining(': 201, an answer that cannot be read: no action, so'),
    });
  });
});

describe('a failed attempt in a few words', () => {
  it.each<[failure: Failure, words: string]>([
    [answered(404, '{"id":"not_found","message":"Not here."}'), '404 not_found Not here.'],
    [answered(404, '{"message":"Not here."}'), '404 Not here.'],
    [answered(404, '{}'), '404'],
    [answered(502), '502 Bad Gateway'],
    [answered(599), '599'],
    [failed('lost'), 'it failed'],
    [failed('lost', true, 'ECONNRESET'), 'it failed (ECONNRESET)'],
    [
      new Failure({ kind: 'lost', message: 'read ECONNRESET', mayHaveBeenSent: true, code: 'ECONNRESET' }),
      'read ECONNRESET',
    ],
    [
      new Failure({
        kind: 'unreadable',
        message: 'invalid JSON',
        mayHaveBeenSent: true,
        response: { status: 200, headers: {}, body: '' },
      }),
      'invalid JSON',
    ],
  ])('$message: %#', (failure, words) => {
    expect(describeFailure(failure)).toBe(words);
  });
});
