import { describe, expect, it } from '@jest/globals';
import { UnknownOutcomeError } from '../../../lib';
import { nextSequence, PostHistory } from '../../../lib/http/sharing/post-history';
import type { OpenPost } from '../../../lib/model/requester';
import { ManualClock } from '../../support/manual-clock';

const moment = { now: 0, date: 0 };
const LOST = UnknownOutcomeError.lostResponseOf(
  new UnknownOutcomeError({
    ...{ method: 'POST', url: 'u', attempts: 1, problem: '', status: null, id: null, requestId: null },
    ...{ sentAt: moment, lostAt: moment, sequence: 1, serverClock: null },
  }),
);

const aPost = (changes: Partial<OpenPost> = {}): OpenPost => ({
  url: 'u',
  fits: () => true,
  clock: new ManualClock(),
  attempt: { mayHaveBeenSent: true, sequence: nextSequence(), sentAt: moment },
  endedAt: 0,
  lost: null,
  ...changes,
});

describe('what a process remembers of its responses', () => {
  it('has the ids of actions and images, one or many, with their first time', () => {
    const history = new PostHistory();
    const before = nextSequence();
    history.received({ actions: [{ id: 1 }, { id: 2 }], image: { id: 1 }, droplets: [{ id: 4 }] }, false);
    const after = nextSequence();
    history.received({ action: { id: 2 }, images: [{ id: 3 }] }, false);
    const known = (noun: 'action' | 'image', at: number): number[] =>
      [1, 2, 3, 4].filter((id) => history.wasSeenBefore(noun, id, at));
    expect([known('action', before), known('action', after)]).toEqual([[], [1, 2]]);
    expect([known('image', after), known('image', nextSequence())]).toEqual([[1], [1, 3]]);
    expect(history.owner('action', 1)).toBeNull();
  });

  it('bears responses of any shape', () => {
    const history = new PostHistory();
    const bodies = [null, 5, 'x', [], { actions: null }, { actions: [null, 5, {}] }, { action: { id: '7' } }];
    for (const body of [
      ...bodies,
      JSON.parse('{"__proto__":{"actions":[]},"constructor":[{"id":7}]}') as unknown,
    ])
      history.received(body, true);
    expect(history.wasSeenBefore('action', 7, nextSequence())).toBe(false);
  });

  it('is bounded: the oldest ids are forgotten, at least 5,000 are known', () => {
    const history = new PostHistory();
    const ids = Array.from({ length: 50_000 }, (_, at) => ({ id: at + 1 }));
    for (const item of ids) history.received({ action: item }, true);
    const now = nextSequence();
    const seen = ids.filter(({ id }) => history.wasSeenBefore('action', id, now));
    expect(seen.length).toBeLessThanOrEqual(10_000);
    expect(seen.length).toBeGreaterThanOrEqual(5_000);
    expect(seen.at(-1)).toEqual({ id: 50_000 });
    const owned = ids.filter(({ id }) => history.owner('action', id));
    expect(owned).toEqual(ids.slice(-10_000));
  });
});

describe('what a process remembers of its POSTs', () => {
  it('is who has made what', () => {
    const history = new PostHistory();
    history.received({ action: { id: 1 } }, true);
    history.resolve(LOST, 'action', 2);
    expect([1, 2, 3].map((id) => history.owner('action', id))).toEqual(['another call', LOST, null]);
    expect(history.owner('image', 1)).toBeNull();
  });

  it.each([null, 5])('is what may have made something unknown, until that is known: %j', (id) => {
    const history = new PostHistory();
    const [lost, other, elsewhere] = [aPost({ lost: LOST }), aPost(), aPost({ url: 'v' })];
    for (const post of [lost, other, elsewhere]) history.open(post);
    expect(history.unresolved('u')).toEqual([lost, other]);
    history.resolve(LOST, 'action', id);
    expect(history.unresolved('u')).toEqual([other]);
    history.close(other);
    expect(history.unresolved('u')).toEqual([]);
    expect(history.unresolved('v')).toEqual([elsewhere]);
  });

  it('is bounded, and those in flight are kept', () => {
    const history = new PostHistory();
    const inFlight = aPost({ endedAt: null });
    history.open(inFlight);
    const ended = Array.from({ length: 1_500 }, () => aPost());
    for (const post of ended) history.open(post);
    expect(history.unresolved('u')).toEqual([inFlight, ...ended.slice(-999)]);
  });
});
