import { describe, expect, it, jest } from '@jest/globals';
import { PermissionDeniedError } from '../../lib/errors/errors';
import { DeniedScopes } from '../../lib/http/denied-scopes';
import { ManualClock } from '../support/manual-clock';

const SCOPE = 'actions:read';
const FIVE_MINUTES = 300_000;

const refused = (): PermissionDeniedError =>
  new PermissionDeniedError({
    method: 'GET',
    url: 'https://api.digitalocean.com/v2/actions',
    attempts: 1,
    status: 403,
    id: 'forbidden',
    detail: 'You are not authorized.',
    requestId: null,
    rateLimit: null,
    retryAfter: null,
  });

/** The scopes after DigitalOcean refused the token "one". */
function afterRefusal(): { clock: ManualClock; scopes: DeniedScopes; error: PermissionDeniedError } {
  const clock = new ManualClock();
  const scopes = new DeniedScopes(clock);
  const error = refused();
  scopes.use('one');
  scopes.record(error, 'one');
  scopes.add(SCOPE, error);
  return { clock, scopes, error };
}

describe('a denied scope', () => {
  it('is remembered for five minutes', async () => {
    const { clock, scopes, error } = afterRefusal();
    expect(scopes.find(SCOPE, 'one')).toBe(error);
    await clock.advance(FIVE_MINUTES - 1);
    expect(scopes.has(SCOPE)).toBe(true);
    await clock.advance(1);
    expect(scopes.has(SCOPE)).toBe(false);
  });

  it('is not remembered for longer because the same refusal is met again', async () => {
    const { clock, scopes, error } = afterRefusal();
    await clock.advance(FIVE_MINUTES - 1);
    scopes.add(SCOPE, error);
    await clock.advance(1);
    expect(scopes.has(SCOPE)).toBe(false);
  });

  it('is that of one token and one scope', () => {
    const { scopes } = afterRefusal();
    expect(scopes.has('image:read')).toBe(false);
    scopes.use('two');
    expect(scopes.has(SCOPE)).toBe(false);
    expect(scopes.find(SCOPE, 'two')).toBeNull();
    scopes.use('one');
    expect(scopes.has(SCOPE)).toBe(true);
  });

  it('is that of the token which was refused, not of the one in use since', () => {
    const scopes = new DeniedScopes(new ManualClock());
    const error = refused();
    scopes.record(error, 'one');
    scopes.use('two');
    scopes.add(SCOPE, error);
    expect([scopes.has(SCOPE), scopes.find(SCOPE, 'one')]).toEqual([false, error]);
  });

  it('is remembered of the last thousand tokens, at the same cost for each', () => {
    const clock = new ManualClock();
    const scopes = new DeniedScopes(clock);
    const reads = jest.spyOn(clock, 'now');
    const tokens = Array.from({ length: 3_000 }, (_, at) => `token ${at}`);
    for (const token of tokens) {
      const error = refused();
      scopes.record(error, token);
      scopes.add(SCOPE, error);
    }
    expect(reads.mock.calls.length).toBeLessThan(5 * tokens.length);
    expect(tokens.filter((token) => scopes.find(SCOPE, token))).toEqual(tokens.slice(-1_000));
  });

  it('is none when DigitalOcean did not refuse it itself', () => {
    const scopes = new DeniedScopes(new ManualClock());
    scopes.add(SCOPE, refused());
    expect(scopes.has(SCOPE)).toBe(false);
  });
});
