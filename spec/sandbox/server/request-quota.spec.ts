import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RequestQuota } from '../../../lib/sandbox/server/request-quota';
import { HOUR, MINUTE } from '../../../lib/util/time-units';
import { VIRTUAL_START } from '../../../lib/sandbox/clock/virtual-clock';
import { send, withOneImage } from '../support';

describe('The rate limit', () => {
  it('sets headers on every response: the requests left in the hour, and when the oldest one expires', async () => {
    const sandbox = withOneImage();
    const first = await send(sandbox, 'GET /v2/images/5');
    expect(first.headers).toMatchObject({
      'ratelimit-limit': '5000',
      'ratelimit-remaining': '4999',
      'ratelimit-reset': String((VIRTUAL_START + HOUR) / 1000),
    });
    await sandbox.advance(10_000);
    const second = await send(sandbox, 'GET /v2/nothing');
    expect(second.headers).toMatchObject({
      'ratelimit-remaining': '4998',
      'ratelimit-reset': String((VIRTUAL_START + HOUR) / 1000),
    });
    expect(second.headers).not.toHaveProperty('retry-after');
  });

  it('refuses a burst of more than 250 a minute, with retry-after until the oldest of them is a minute old', async () => {
    const sandbox = withOneImage();
    await send(sandbox, 'GET /v2/account');
    await sandbox.advance(20_500);
    for (let sent = 1; sent < 250; sent++) expect((await send(sandbox, 'GET /v2/account')).status).toBe(200);
    const refused = await send(sandbox, 'GET /v2/account');
    expect(refused.status).toBe(429);
    expect(refused.body).toEqual({ id: 'too_many_requests', message: 'Too many requests' });
    expect(refused.headers).toMatchObject({ 'ratelimit-remaining': '0', 'retry-after': '40' });
    await sandbox.advance(39_499);
    expect((await send(sandbox, 'GET /v2/account')).status).toBe(429);
    await sandbox.advance(1);
    expect((await send(sandbox, 'GET /v2/account')).status).toBe(200);
    expect((await send(sandbox, 'GET /v2/account')).status).toBe(429);
  });

  it('refuses without retry-after when the limit of the hour is exceeded', async () => {
    const sandbox = withOneImage({ rateLimit: { perHour: 2 } });
    await send(sandbox, 'GET /v2/account');
    await sandbox.advance(30 * MINUTE);
    await send(sandbox, 'GET /v2/account');
    const refused = await send(sandbox, 'POST /v2/images/5/actions', { type: 'convert' });
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({ 'ratelimit-limit': '2', 'ratelimit-remaining': '0' });
    expect(refused.headers).not.toHaveProperty('retry-after');
    expect(sandbox.actions).toEqual([]);
    expect(sandbox.requests.at(-1)).toMatchObject({ status: 429, executed: false });
    await sandbox.advance(30 * MINUTE);
    expect((await send(sandbox, 'GET /v2/account')).status).toBe(200);
  });

  it('of an hour may be lower than that of a minute', async () => {
    const sandbox = withOneImage({ rateLimit: { perMinute: 5, perHour: 3 } });
    const statuses: number[] = [];
    for (let sent = 0; sent < 4; sent++) statuses.push((await send(sandbox, 'GET /v2/account')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('counts each token by itself', async () => {
    const sandbox = withOneImage({ rateLimit: { perMinute: 1 } });
    expect((await send(sandbox, 'GET /v2/account', undefined, { token: 'one' })).status).toBe(200);
    expect((await send(sandbox, 'GET /v2/account', undefined, { token: 'one' })).status).toBe(429);
    expect((await send(sandbox, 'GET /v2/account', undefined, { token: 'two' })).status).toBe(200);
  });

  it('can be switched off', async () => {
    const sandbox = withOneImage({ rateLimit: false });
    for (let sent = 0; sent < 300; sent++) expect((await send(sandbox, 'GET /v2/account')).status).toBe(200);
    expect((await send(sandbox, 'GET /v2/account')).headers).toMatchObject({
      'ratelimit-limit': '5000',
      'ratelimit-remaining': '5000',
    });
  });

  it('never allows more requests in any window than its limits', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 20 * MINUTE }), { maxLength: 300 });
    fc.assert(
      fc.property(
        pauses,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 20 }),
        (steps, perMinute, perHour) => {
          let now = 0;
          const clock = { now: () => now, date: () => now, after: () => () => undefined };
          const limit = new RequestQuota(clock, { perMinute, perHour });
          const made: number[] = [];
          for (const step of steps) {
            now += step;
            const within = (span: number): number => made.filter((moment) => moment > now - span).length;
            const mayPass = within(MINUTE) < perMinute && within(HOUR) < perHour;
            expect(limit.take('token').allowed).toBe(mayPass);
            if (mayPass) made.push(now);
          }
        },
      ),
    );
  });
});
