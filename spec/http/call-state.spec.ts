import { describe, expect, it } from '@jest/globals';
import type { CallDecision, CallInfo } from '../../lib/http/call-info';
import { CallState } from '../../lib/http/call-state';
import { describeFailure } from '../../lib/http/response/error-body';
import { DeniedScopes } from '../../lib/http/denied-scopes';
import { Failure, type FailureKind } from '../../lib/http/failure';
import type { Headers } from '../../lib/http/response/response-headers';
import { RetryBudget } from '../../lib/http/retry-budget';
import { ManualClock } from '../support/manual-clock';

const TIMEOUT = 30_000;
const DEADLINE = 120_000;

const GET: CallInfo = {
  method: 'GET',
  url: 'https://api.digitalocean.com/v2/images/5',
  body: undefined,
  safety: 'safe',
  signals: [],
  background: false,
  scope: () => null,
  reconcile: undefined,
};
const DELETE: CallInfo = { ...GET, method: 'DELETE', safety: 'idempotent' };
const POST: CallInfo = { ...GET, method: 'POST', safety: 'unsafe' };

/** A call whose retry delays are as long as they can be. */
function aCall(info: CallInfo, { clock = new ManualClock(), retries = Infinity } = {}): CallState {
  const limits = { timeout: TIMEOUT, deadline: DEADLINE, queueTimeout: Infinity };
  return new CallState(info, {
    limits,
    retries,
    retryBudget: new RetryBudget(),
    isTokenRenewable: false,
    deniedScopes: new DeniedScopes(clock),
    clock,
    random: () => 1,
  });
}

const failed = (kind: FailureKind, sent = true, code: string | null = null): Failure =>
  new Failure({ kind, message: 'it failed', mayHaveBeenSent: sent, code });

const statusFailure = (status: number, body = '', headers: Headers = {}): Failure =>
  new Failure({
    kind: 'status',
    message: String(status),
    mayHaveBeenSent: true,
    response: { status, headers, body },
  });

/** The error of a call whose first attempt fails and that has no retries. */
function errorOf(info: CallInfo, failure: Failure): unknown {
  const call = aCall(info, { retries: 0 });
  call.startAttempt();
  return thrownBy(call.decide(failure));
}

function thrownBy(decision: CallDecision): unknown {
  return decision.action === 'fail' ? decision.error : decision;
}

describe('the attempts of a call', () => {
  it('are counted, each with its own trace', () => {
    const call = aCall(GET);
    expect([call.attempt, call.trace]).toEqual([0, { mayHaveBeenSent: false }]);
    call.startAttempt();
    call.trace.mayHaveBeenSent = true;
    call.startAttempt();
    expect([call.attempt, call.trace]).toEqual([2, { mayHaveBeenSent: false }]);
  });

  it('end when the next delay would reach the deadline, and not earlier', async () => {
    const clock = new ManualClock();
    const call = aCall(GET, { clock });
    call.startAttempt();
    await clock.advance(DEADLINE - 501);
    expect(call.decide(failed('lost'))).toEqual({ action: 'retry', delay: 500 });
    await clock.advance(1);
    expect(thrownBy(call.decide(failed('lost')))).toMatchObject({ name: 'ConnectionError' });
  });

  it('end when no retries are left', () => {
    const call = aCall(GET, { retries: 1 });
    call.startAttempt();
    expect(call.decide(failed('lost'))).toEqual({ action: 'retry', delay: 500 });
    call.startAttempt();
    expect(thrownBy(call.decide(failed('lost')))).toMatchObject({ name: 'ConnectionError', attempts: 2 });
  });

  it('end at the deadline, and not earlier', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const call = aCall({ ...GET, signals: [undefined, controller.signal] }, { clock });
    call.startAttempt();
    await clock.advance(DEADLINE - 1);
    expect(() => call.throwIfEnded()).not.toThrow();
    await clock.advance(1);
    expect(() => call.throwIfEnded()).toThrow('deadline of 120000 ms');
    // An abort takes precedence over the deadline.
    controller.abort(new Error('enough'));
    expect(() => call.throwIfEnded()).toThrow('enough');
  });

  it('are limited by their timeout, or by the deadline when that comes first', async () => {
    const clock = new ManualClock();
    const signals = [new AbortController().signal, undefined];
    const call = aCall({ ...POST, signals }, { clock });
    call.startAttempt();
    call.trace.mayHaveBeenSent = true;
    const limits = call.attemptLimits();
    expect(limits).toMatchObject({ clock, signals, timeout: TIMEOUT });
    const failure = limits.onTimeout();
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      kind: 'timeout',
      mayHaveBeenSent: true,
      message: 'no complete response within 30000 ms',
    });
    expect(call.overallLimits()).toMatchObject({ clock, signals, timeout: DEADLINE });
    await clock.advance(DEADLINE - TIMEOUT - 1);
    expect(call.attemptLimits().onTimeout()).toBeInstanceOf(Failure);
    await clock.advance(1);
    expect(call.attemptLimits().onTimeout()).toMatchObject({ name: 'UnknownOutcomeError' });
    await clock.advance(10_000);
    const last = call.attemptLimits();
    expect([last.timeout, last.signals, last.clock]).toEqual([20_000, signals, clock]);
    expect(String(last.onTimeout())).toContain('no response within 120000 ms');
  });

  it('count as unsent between a failure and the retry', () => {
    const call = aCall(POST);
    call.startAttempt();
    call.trace.mayHaveBeenSent = true;
    expect(call.decide(statusFailure(429))).toEqual({ action: 'retry', delay: 1_000 });
    expect(call.deadlineError()).toMatchObject({ name: 'TimeoutError', kind: 'deadline', attempts: 1 });
  });

  it('end when the server requests a delay of more than a minute', () => {
    const busy = (seconds: number): Failure => statusFailure(503, '', { 'retry-after': String(seconds) });
    expect(aCall(GET).decide(busy(60)).action).toBe('retry');
    expect(aCall(GET).decide(busy(61)).action).toBe('fail');
  });
});

describe('a DELETE that finds nothing to delete', () => {
  const GONE = '{"message":"This image was Already deleted."}';

  it('fails on the first attempt', () => {
    expect(aCall(DELETE).decide(statusFailure(404)).action).toBe('fail');
  });

  it.each<[what: string, failure: Failure, action: CallDecision['action']]>([
    ['404', statusFailure(404), 'succeed'],
    ['422 that says so', statusFailure(422, GONE), 'succeed'],
    ['422 that says something else', statusFailure(422, '{"message":"in use"}'), 'fail'],
    ['409 that says so', statusFailure(409, GONE), 'fail'],
    ['no response', failed('lost'), 'retry'],
  ])('after an attempt whose response was lost: %s', (_what, failure, action) => {
    const call = aCall(DELETE);
    expect(call.decide(failed('lost')).action).toBe('retry');
    const decision = call.decide(failure);
    expect(decision.action).toBe(action);
    if (decision.action === 'succeed') expect(decision.response).toBe(failure.response);
  });

  it('fails after attempts that never arrived or were refused with 429', () => {
    const call = aCall(DELETE);
    expect(call.decide(failed('unsent', false)).action).toBe('retry');
    expect(call.decide(statusFailure(429)).action).toBe('retry');
    expect(call.decide(statusFailure(404)).action).toBe('fail');
  });

  it('is the only call that succeeds with a 404', () => {
    const call = aCall(GET);
    expect(call.decide(failed('lost')).action).toBe('retry');
    expect(call.decide(statusFailure(404)).action).toBe('fail');
  });
});

describe('the error of a call', () => {
  it('names the limit: the timeout, or the deadline when no time is left for a retry', async () => {
    expect(errorOf(GET, failed('timeout'))).toMatchObject({ kind: 'attempt', limit: TIMEOUT, attempts: 1 });
    const clock = new ManualClock();
    const call = aCall(GET, { clock });
    await clock.advance(DEADLINE);
    expect(thrownBy(call.decide(failed('timeout')))).toMatchObject({ kind: 'deadline', limit: DEADLINE });
  });

  it('at the deadline of a POST is an unknown outcome once the POST may have been sent', () => {
    const call = aCall(POST);
    call.startAttempt();
    expect(call.deadlineError()).toMatchObject({ name: 'TimeoutError', kind: 'deadline' });
    call.trace.mayHaveBeenSent = true;
    expect(call.deadlineError()).toMatchObject({
      name: 'UnknownOutcomeError',
      status: null,
      id: null,
      requestId: null,
      message: expect.stringContaining(
        `: no response within ${DEADLINE} ms, so it may have been carried out`,
      ),
    });
  });

  it('at the deadline of any other call is a TimeoutError, sent or not', () => {
    const call = aCall(GET);
    call.trace.mayHaveBeenSent = true;
    expect(call.deadlineError()).toMatchObject({ name: 'TimeoutError', kind: 'deadline' });
  });

  it.each<FailureKind>(['unreadable', 'protocol'])('says what is wrong with the response: %s', (kind) => {
    const headers = { 'x-request-id': 'abc' };
    const response = { status: 200, headers, body: '' };
    expect(
      errorOf(GET, new Failure({ kind, message: 'not JSON', mayHaveBeenSent: true, response })),
    ).toMatchObject({
      name: 'UnexpectedResponseError',
      status: 200,
      problem: 'not JSON',
      requestId: 'abc',
    });
    expect(errorOf(GET, failed(kind))).toMatchObject({
      name: 'UnexpectedResponseError',
      status: 0,
      requestId: null,
    });
  });

  it('holds the status text when the body is empty', () => {
    expect(errorOf(GET, statusFailure(404))).toMatchObject({
      status: 404,
      message: expect.stringContaining('Not Found'),
    });
  });

  it('of an unreadable response is an unknown outcome for a POST', () => {
    const headers = { 'x-request-id': 'abc' };
    expect(aCall(GET).unreadableError('no image', { status: 200, headers })).toMatchObject({
      name: 'UnexpectedResponseError',
      status: 200,
      problem: 'no image',
      requestId: 'abc',
    });
    expect(aCall(POST).unreadableError('no action', { status: 201, headers })).toMatchObject({
      name: 'UnknownOutcomeError',
      status: 201,
      requestId: 'abc',
      message: expect.stringContaining(': 201, unreadable response: no action, so'),
    });
  });
});

describe('describeFailure', () => {
  it.each<[failure: Failure, text: string]>([
    [statusFailure(404, '{"id":"not_found","message":"Not here."}'), '404 not_found Not here.'],
    [statusFailure(404, '{"message":"Not here."}'), '404 Not here.'],
    [statusFailure(404, '{}'), '404'],
    [statusFailure(502), '502 Bad Gateway'],
    [statusFailure(599), '599'],
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
  ])('$message: %#', (failure, text) => {
    expect(describeFailure(failure)).toBe(text);
  });
});
