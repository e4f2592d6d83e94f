import { describe, expect, it } from '@jest/globals';
import * as errors from '../../lib/errors/errors';
import { Mismatch } from '../../lib/model/fields';
import { UnknownOutcomeError } from '../../lib/errors/unknown-outcome';
import * as behave from '../support/behaviours';
import { rejection } from '../support/rejection';
import { aCall, aClient, OPERATIONS, until } from '../support/calls';
import { testServers } from '../support/server';
import { TestClock } from '../support/test-clock';

const { serve } = testServers();

const IMAGE = { image: { id: 5, name: 'golden' } };

describe('a response', () => {
  it.each(['gzip', 'br', 'deflate'] as const)('may be compressed with %s', async (encoding) => {
    const server = await serve(behave.compressed(encoding, IMAGE));
    await expect(aClient().http.send(server.url, OPERATIONS.GET)).resolves.toEqual(IMAGE);
  });

  it.each(['GZIP', ' x-gzip '])('may spell gzip as %j', async (name) => {
    const server = await serve(behave.gzipped(IMAGE, name));
    await expect(aClient().http.send(server.url, OPERATIONS.GET)).resolves.toEqual(IMAGE);
  });

  it.each(['identity', ''])('may declare that it is not compressed: %j', async (encoding) => {
    const server = await serve(behave.respond(200, IMAGE, { 'content-encoding': encoding }));
    await expect(aClient().http.send(server.url, OPERATIONS.GET)).resolves.toEqual(IMAGE);
  });

  it('may declare gzip without a body', async () => {
    const server = await serve(behave.respond(204, '', { 'content-encoding': 'gzip' }));
    await expect(aClient().http.send(server.url, OPERATIONS.DELETE)).resolves.toBeNull();
  });

  it('may arrive byte by byte within the timeout', async () => {
    const body = JSON.stringify({ text: 'ä✓😀' });
    const server = await serve(behave.drip(body, setImmediate));
    await expect(aClient().http.send(server.url, OPERATIONS.GET)).resolves.toEqual(JSON.parse(body));
  });

  it.each([200, 201, 202, 203, 299])('succeeds with any 2xx: %d', async (status) => {
    const server = await serve(behave.respond(status, IMAGE));
    await expect(aClient().http.send(server.url, OPERATIONS.POST)).resolves.toEqual(IMAGE);
  });

  it('reaches the caller unchanged, even where it contains the token', async () => {
    const image = { name: 'a test image', description: `${'x'.repeat(300)} test` };
    const server = await serve(behave.respond(200, { image }));
    await expect(aClient({ token: 'test' }).http.send(server.url, OPERATIONS.GET)).resolves.toEqual({
      image,
    });
  });

  it('of 9 MiB is accepted, compressed too', async () => {
    const text = 'x'.repeat(9 * 1024 * 1024);
    const server = await serve(behave.compressed('gzip', text));
    await expect(aClient().http.send(server.url, OPERATIONS.GET)).resolves.toHaveLength(text.length);
  });

  it('that is too large is not read to the end', async () => {
    const server = await serve(behave.tooLarge);
    const error = await rejection(aClient().http.send(server.url, OPERATIONS.GET));
    expect(String(error)).toContain('200, unreadable response: a body of more than 10 MiB');
    await until(() => server.open === 0);
  });

  it('of the wrong shape is refused with the message of its reader, and not requested again', async () => {
    const server = await serve(behave.respond(200, IMAGE, { 'x-request-id': 'abc' }));
    const read = (): never => {
      throw new Mismatch('created_at', 'a date', 5).within('image');
    };
    const error = await rejection(aClient().http.send(server.url, aCall({ read })));
    expect(error).toBeInstanceOf(errors.UnexpectedResponseError);
    expect(error).toMatchObject({
      status: 200,
      requestId: 'abc',
      problem: 'image.created_at: expected a date, got 5',
    });
    const lost = await rejection(aClient().http.send(server.url, aCall({ method: 'POST', body: {}, read })));
    expect(lost).toBeInstanceOf(UnknownOutcomeError);
    expect(lost).toMatchObject({ status: 200, requestId: 'abc' });
    expect(server.calls).toBe(2);
  });

  it('passes on other errors of the reader', async () => {
    const server = await serve(behave.respond(200, IMAGE));
    const mistake = new RangeError('mine');
    const read = (): never => {
      throw mistake;
    };
    expect(await rejection(aClient().http.send(server.url, aCall({ read })))).toBe(mistake);
  });

  it('updates rate limit and clock skew', async () => {
    const clock = new TestClock();
    const headers = {
      'ratelimit-limit': '5000',
      'ratelimit-remaining': '4999',
      'ratelimit-reset': '1769860800',
    };
    const date = new Date(clock.date() + 300_000).toUTCString();
    const server = await serve(
      behave.respond(200, IMAGE, { ...headers, date }),
      behave.respond(200, IMAGE, { date: 'yesterday' }),
    );
    const { http } = aClient({ clock });
    expect([http.sender.rateLimit, http.sender.clockSkew]).toEqual([null, 0]);
    for (let i = 0; i < 2; i++) {
      await http.send(server.url, OPERATIONS.GET);
      expect(http.sender.rateLimit).toMatchObject({ limit: 5000, remaining: 4999 });
      expect(http.sender.clockSkew).toBe(300_000);
    }
  });
});

describe('an error', () => {
  it('names the scope that the call needs', async () => {
    const server = await serve(behave.refusal(403, 'forbidden', 'You are not authorized.'));
    const scopeOf = (method: string, url: string): string => `scope of ${method} ${new URL(url).pathname}`;
    const error = await rejection(aClient({ scopeOf }).http.send(`${server.url}/v2/images`, OPERATIONS.GET));
    expect(error).toHaveProperty('scope', 'scope of GET /v2/images');
  });

  it('quotes the body of the response, in whatever format', async () => {
    for (const [body, detail] of [
      ['<html><h1>502 Bad Gateway</h1></html>', '502 Bad Gateway'],
      ['', '502 Bad Gateway'],
      ['{"error":"name is invalid"}', '502 name is invalid'],
    ]) {
      const server = await serve(behave.respond(502, body));
      const error = await rejection(aClient({ retries: 0 }).http.send(server.url, OPERATIONS.GET));
      expect(String(error)).toBe(`ServerError: GET ${server.url}: ${detail}`);
    }
  });

  it('of a POST with a lost response holds what is known of it, and looks for what the POST started', async () => {
    const body = { id: 'service_unavailable', message: 'Service is currently unavailable.' };
    const server = await serve(behave.respond(503, body, { 'x-request-id': 'abc' }));
    const reconciled: unknown[] = [];
    const { http, clock } = aClient();
    const moment = { now: clock.now(), date: clock.date() };
    const call = aCall({
      method: 'POST',
      reconcile: (...args) => {
        reconciled.push(args);
        return Promise.resolve('what it started');
      },
    });
    const error = (await rejection(http.send(server.url, call))) as UnknownOutcomeError;
    expect(error).toMatchObject({ status: 503, id: 'service_unavailable', requestId: 'abc', attempts: 1 });
    expect(error.message).toContain(
      '503 service_unavailable Service is currently unavailable., so it may have',
    );
    const { signal } = new AbortController();
    expect([await error.reconcile(), await error.reconcile({ signal })]).toEqual(
      Array(2).fill('what it started'),
    );
    expect(reconciled).toEqual([
      [expect.objectContaining({ sentAt: moment, lostAt: moment }), {}],
      [expect.objectContaining({ sentAt: moment, lostAt: moment }), { signal }],
    ]);
  });
});
