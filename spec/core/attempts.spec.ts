import { describe, expect, it } from '@jest/globals';
import { Attempts, type CallFacts, problemOf } from '../../lib/core/attempts';
import type { Headers } from '../../lib/core/answer';
import { Failure, type FailureKind } from '../../lib/core/failure';
import { RetryBudget } from '../../lib/core/retry-budget';
import { ManualClock } from '../support/manual-clock';

const TIMEOUT = 30_000;
const DEADLINE = 120_000;

const GET: CallFacts = {
  method: 'GET',
  url: 'https://api.digitalocean.com/v2/images/5',
  body: undefined,
  safety: 'read',
  scope: () => null,
  reconcile: undefined,
};
const DELETE: CallFacts = { ...GET, method: 'DELETE', safety: 'repeatable' };
const POST: CallFacts = { ...GET, method: 'POST', safety: 'once' };

/** A call whose pauses are as long as they can be. */
function call(facts: CallFacts, clock = new ManualClock()): Attempts {
  const patience = { clock, timeout: TIMEOUT, deadline: DEADLINE, retryBudget: new RetryBudget() };
  return new Attempts(facts, patience, () => 1);
}

const failed = (kind: FailureKind, sent = true, code: string | null = null): Failure =>
  new Failure({ kind, message: 'it failed', sent, code });

const answered = (status: number, body = '', headers: Headers = {}): Failure =>
  new Failure({ kind: 'status', message: String(status), sent: true, answer: { status, headers, body } });

describe('the attempts of a call', () => {
  it('are counted, and of each it is known whether anything was sent', () => {
    const attempts = call(GET);
    expect([attempts.count, attempts.trace, attempts.pause]).toEqual([0, { sent: false }, 0]);
    attempts.begin();
    attempts.trace.sent = true;
    attempts.begin();
    expect([attempts.count, attempts.trace]).toEqual([2, { sent: false }]);
  });

  it('end when the pause before the next would reach the deadline, and not a moment sooner', async () => {
    const clock = new ManualClock();
    const attempts = call(GET, clock);
    attempts.begin();
    await clock.advance(DEADLINE - 501);
    expect(attempts.mayRepeat(failed('lost'))).toBe(true);
    expect(attempts.pause).toBe(500);
    await clock.advance(1);
    expect(attempts.mayRepeat(failed('lost'))).toBe(false);
  });

  it('are over at the deadline, not a moment sooner', async () => {
    const clock = new ManualClock();
    const attempts = call(GET, clock);
    attempts.begin();
    await clock.advance(DEADLINE - 1);
    expect(() => attempts.throwIfOver([])).not.toThrow();
    await clock.advance(1);
    expect(() => attempts.throwIfOver([])).toThrow('deadline of 120000 ms');
    // Whoever gave up hears of that, not of the time.
    const signals = [undefined, AbortSignal.abort(new Error('enough'))];
    expect(() => attempts.throwIfOver(signals)).toThrow('enough');
  });

  it('have their own time, or what is left of the call', async () => {
    const clock = new ManualClock();
    const signals = [new AbortController().signal, undefined];
    const attempts = call(POST, clock);
    attempts.begin();
    attempts.trace.sent = true;
    const usual = attempts.limits(signals);
    expect(usual).toMatchObject({ clock, signals, timeout: TIMEOUT });
    const failure = usual.onTimeout();
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      kind: 'timeout',
      sent: true,
      message: 'no complete answer within 30000 ms',
    });
    expect(attempts.callLimits(signals)).toMatchObject({ clock, signals, timeout: DEADLINE });
    await clock.advance(DEADLINE - TIMEOUT - 1);
    expect(attempts.limits(signals).onTimeout()).toBeInstanceOf(Failure);
    await clock.advance(1);
    expect(attempts.limits(signals).onTimeout()).toMatchObject({ name: 'UnknownOutcomeError' });
    await clock.advance(10_000);
    const last = attempts.limits(signals);
    expect([last.timeout, last.signals, last.clock]).toEqual([20_000, signals, clock]);
    expect(String(last.onTimeout())).toContain('no answer within 120000 ms');
  });

  it('that are to be repeated have not been sent yet', () => {
    const attempts = call(POST);
    attempts.begin();
    attempts.trace.sent = true;
    expect(attempts.mayRepeat(answered(429))).toBe(true);
    expect(attempts.deadlineError()).toMatchObject({ name: 'TimeoutError', kind: 'deadline', attempts: 1 });
  });

  it('end when the server asks to wait for more than a minute', () => {
    const asked = (seconds: number): Failure => answered(503, '', { 'retry-after': String(seconds) });
    expect(call(GET).mayRepeat(asked(60))).toBe(true);
    expect(call(GET).mayRepeat(asked(61))).toBe(false);
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
    expect(attempts.mayRepeat(failed('lost'))).toBe(true);
    expect(attempts.isAlreadyDone(failure)).toBe(done);
  });

  it('is not done after attempts of which none arrived, or that were refused with 429', () => {
    const attempts = call(DELETE);
    expect(attempts.mayRepeat(failed('unsent', false))).toBe(true);
    expect(attempts.mayRepeat(answered(429))).toBe(true);
    expect(attempts.isAlreadyDone(answered(404))).toBe(false);
  });

  it('is meant for a DELETE only', () => {
    const attempts = call(GET);
    attempts.mayRepeat(failed('lost'));
    expect(attempts.isAlreadyDone(answered(404))).toBe(false);
  });
});

describe('what the caller is told', () => {
  it('is the limit that was met: of the attempt, or of the call when no time is left for another', async () => {
    const clock = new ManualClock();
    const attempts = call(GET, clock);
    attempts.begin();
    expect(attempts.errorFor(failed('timeout'))).toMatchObject({
      kind: 'attempt',
      limit: TIMEOUT,
      attempts: 1,
    });
    await clock.advance(DEADLINE);
    attempts.mayRepeat(failed('timeout'));
    expect(attempts.errorFor(failed('timeout'))).toMatchObject({ kind: 'deadline', limit: DEADLINE });
  });

  it('is of a POST that nobody knows, once something of it was sent', () => {
    const attempts = call(POST);
    attempts.begin();
    expect(attempts.deadlineError()).toMatchObject({ name: 'TimeoutError', kind: 'deadline' });
    attempts.trace.sent = true;
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
    attempts.trace.sent = true;
    expect(attempts.deadlineError()).toMatchObject({ name: 'TimeoutError', kind: 'deadline' });
  });

  it.each<FailureKind>(['unreadable', 'protocol'])('is what came and cannot be read: %s', (kind) => {
    const headers = { 'x-request-id': 'abc' };
    const answer = { status: 200, headers, body: '' };
    expect(call(GET).errorFor(new Failure({ kind, message: 'not JSON', sent: true, answer }))).toMatchObject({
      name: 'UnexpectedResponseError',
      status: 200,
      problem: 'not JSON',
      requestId: 'abc',
    });
    expect(call(GET).errorFor(failed(kind))).toMatchObject({
      name: 'UnexpectedResponseError',
      status: 0,
      requestId: null,
    });
  });

  it('is the status in words where the server says nothing', () => {
    expect(call(GET).errorFor(answered(404))).toMatchObject({
      status: 404,
      message: expect.stringContaining('Not Found'),
    });
  });

  it('is what cannot be read in an answer, and that a POST may have been carried out', () => {
    const headers = { 'x-request-id': 'abc' };
    expect(call(GET).unreadable('no image', 200, headers)).toMatchObject({
      name: 'UnexpectedResponseError',
      status: 200,
      problem: 'no image',
      requestId: 'abc',
    });
    expect(call(POST).unreadable('no action', 201, headers)).toMatchObject({
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
      new Failure({ kind: 'lost', message: 'read ECONNRESET', sent: true, code: 'ECONNRESET' }),
      'read ECONNRESET',
    ],
    [
      new Failure({
        kind: 'unreadable',
        message: 'invalid JSON',
        sent: true,
        answer: { status: 200, headers: {}, body: '' },
      }),
      'invalid JSON',
    ],
  ])('$message: %#', (failure, words) => {
    expect(problemOf(failure)).toBe(words);
  });
});
