import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import { SharedAbort } from '../../lib/util/abort';
import { type SearchedPage, summarizePage } from '../../lib/polling/page-search';
import { PollTarget } from '../../lib/polling/poll-target';
import { aWait } from '../support/waits';

const MINUTE = 60_000;
const nothing: ReadonlySet<string> = new Set();

/** An action of image 5 that somebody waits for. */
function anAction(id = 1, image: number | null = 5): PollTarget {
  const watched = new PollTarget({ kind: 'action', id, image });
  watched.add(aWait());
  return watched;
}

const pages = (
  ...lists: [list: string | number, ...read: SearchedPage[]][]
): Map<string | number, SearchedPage[]> => new Map(lists.map(([list, ...read]) => [list, read]));

describe('what is waited for', () => {
  it('is expected on the first page of both lists, as long as nothing is known', () => {
    expect(anAction().wanted(nothing, 0)).toMatchObject({
      account: { list: 'actions', page: 1 },
      image: { list: 5, page: 1 },
    });
  });

  it('is expected in the list of private images, when it is one', () => {
    const watched = new PollTarget({ kind: 'image', id: 5 });
    expect(watched.wanted(nothing, 0)).toMatchObject({ account: { list: 'images', page: 1 }, image: null });
  });

  it('is expected in no list of an image as long as that is not known', () => {
    expect(anAction(1, null).wanted(nothing, 0)).toMatchObject({ image: null });
  });

  it('is expected there once a look has shown whose it is', () => {
    const watched = new PollTarget({ kind: 'action', id: 1, image: null });
    watched.add(
      aWait({
        target: ({ resource_id }) => ({ kind: 'action', id: 1, image: (resource_id ?? null) as null }),
      }),
    );
    watched.see({ id: 1, status: 'paused', resource_id: 5 }, null, 1);
    watched.begin(2, { at: 0, requests: 0 });
    expect(watched.wanted(nothing, 0)).toMatchObject({ image: { list: 5 } });
  });

  it.each([
    ['actions:read', { account: null, image: { list: 5 } }],
    ['image:read', { account: { list: 'actions' }, image: null }],
  ])('is not expected in lists that the token may not read: without %s', (scope, wanted) => {
    expect(anAction().wanted(new Set([scope]), 0)).toMatchObject(wanted);
  });

  it('is expected where it was seen last', () => {
    const watched = anAction();
    watched.see({ id: 1, status: 'in-progress' }, { list: 'actions', page: 3 }, 1);
    watched.see({ id: 1, status: 'in-progress' }, { list: 5, page: 2 }, 2);
    expect(watched.wanted(nothing, 0)).toMatchObject({ account: { page: 3 }, image: { page: 2 } });
  });

  it('is searched for from there, in the lists that were read', () => {
    const watched = anAction(100);
    const read = pages(['actions', summarizePage(1, [500, 300], 9)], [5, summarizePage(1, [300, 200], 1)]);
    expect(watched.searchOn(read, 0)).toEqual([5]);
    expect(watched.wanted(nothing, 0)).toMatchObject({ account: { page: 2 } });
  });

  it('is not asked for in a list that does not hold it, for five minutes', () => {
    const watched = anAction();
    watched.avoid('actions', 0);
    expect(watched.wanted(nothing, 5 * MINUTE - 1).account).toBeNull();
    expect(watched.wanted(nothing, 5 * MINUTE).account).toEqual({ list: 'actions', page: 1 });
    expect(watched.searchOn(pages(['actions', summarizePage(1, [500, 300], 9)]), 0)).toEqual([]);
  });

  it('can be kept out of all lists', () => {
    const watched = anAction();
    watched.avoidLists(0);
    expect(watched.wanted(nothing, 0)).toMatchObject({ account: null, image: null });
  });
});

describe('the first guess', () => {
  it('is page one, for as many as fit on it', () => {
    const all = Array.from({ length: 200 }, (_, index) => anAction(index + 1));
    PollTarget.guessPages(all);
    expect(new Set(all.map((watched) => watched.wanted(nothing, 0).account?.page))).toEqual(new Set([1]));
  });

  it('is for more of them that the youngest stand first', () => {
    const all = Array.from({ length: 450 }, (_, index) => anAction(index + 1));
    PollTarget.guessPages(all);
    const pageOf = (id: number): number | undefined => all[id - 1]?.wanted(nothing, 0).account?.page;
    expect([450, 251, 250, 51, 50, 1].map(pageOf)).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('is not made for what was seen', () => {
    const all = Array.from({ length: 450 }, (_, index) => anAction(index + 1));
    all[0]?.see({ id: 1, status: 'in-progress' }, { list: 'actions', page: 1 }, 1);
    PollTarget.guessPages(all);
    expect(all[0]?.wanted(nothing, 0).account?.page).toBe(1);
  });
});

describe('all who wait for the same', () => {
  /** One that is known to have been seen, two for good measure. */
  function three(): { watched: PollTarget; waits: ReturnType<typeof aWait>[] } {
    const watched = new PollTarget({ kind: 'action', id: 1, image: 5 });
    const waits = [aWait(), aWait(), aWait({ seenAt: null })];
    for (const wait of waits) watched.add(wait);
    return { watched, waits };
  }

  it('are told together', async () => {
    const { watched, waits } = three();
    watched.see({ id: 1, status: 'completed' }, null, 1);
    expect(await Promise.all(waits.map(({ result }) => result))).toEqual(
      waits.map(() => ({ id: 1, status: 'completed' })),
    );
  });

  it('are told once by one look, however many of its pages show it', () => {
    const progress: unknown[] = [];
    const watched = new PollTarget({ kind: 'action', id: 1, image: 5 });
    watched.add(aWait({}, { onProgress: (told) => progress.push(told) }));
    const json = { id: 1, status: 'in-progress' };
    watched.see(json, { list: 'actions', page: 1 }, 7);
    watched.see(json, { list: 5, page: 1 }, 7);
    expect(progress).toHaveLength(1);
    watched.see(json, { list: 5, page: 1 }, 8);
    expect(progress).toHaveLength(2);
  });

  it('fail or go on as each of them has reason to', async () => {
    const { watched, waits } = three();
    const problem = new Error('not found');
    watched.failed(problem, (wait) => wait !== waits[2]);
    expect(waits.map(({ over }) => over)).toEqual([false, false, true]);
    await expect(waits[2]?.result).rejects.toBe(problem);
  });

  it('are young only if each of them knows it as young', () => {
    const { watched, waits } = three();
    expect(watched.isYoung).toBe(false);
    for (const wait of waits.slice(2)) expect(watched.remove(wait)).toBe(2);
    expect(watched.isYoung).toBe(true);
  });

  it('leave one by one', () => {
    const { watched, waits } = three();
    expect(waits.map((wait) => watched.remove(wait))).toEqual([2, 1, 0]);
  });
});

describe('the time of the next look', () => {
  const clock = new VirtualClock({ auto: false });

  it('is when the first of the waits wants it, but not within an interval of the last one', () => {
    const watched = new PollTarget({ kind: 'action', id: 1 });
    watched.add(aWait({}, { interval: 20_000 }, clock));
    watched.add(aWait({}, { interval: 5_000 }, clock));
    expect(watched.lookTime(-Infinity)).toBe(5_000);
    expect(watched.lookTime(3_000)).toBe(8_000);
  });

  it('is at once for what nobody has seen, whenever the last one was', () => {
    const watched = new PollTarget({ kind: 'action', id: 1 });
    watched.add(aWait({ seenAt: null }, {}, clock));
    expect(watched.lookTime(-1)).toBe(0);
    expect(watched.isDue(0)).toBe(true);
  });

  it('is never, while one is under way', () => {
    const watched = anAction();
    watched.begin(1, { at: 0, requests: 1 });
    expect(watched.lookTime(-Infinity)).toBe(Infinity);
    expect(watched.isDue(MINUTE)).toBe(false);
    watched.looked();
    expect(watched.lookTime(-Infinity)).toBe(5_000);
  });

  it('is shared by what is nearly due', () => {
    const watched = anAction();
    expect([2_499, 2_500, 5_000].map((now) => watched.isDue(now))).toEqual([false, true, true]);
  });

  it.each([
    [1, 5_000],
    [5, 5_000],
    [50, 50_000],
  ])('comes after a pause that is long enough for %i requests: %i ms', (requests, time) => {
    const watched = anAction();
    watched.begin(1, { at: 0, requests });
    watched.looked();
    expect(watched.lookTime(0)).toBe(time);
    expect(watched.isDue(time - 2_501)).toBe(false);
    expect(watched.isDue(time)).toBe(true);
  });

  it('does not wait for that, nor for others, longer than until just before a deadline', () => {
    const watched = new PollTarget({ kind: 'action', id: 1 });
    watched.add(aWait({}, { timeout: 9_000 }, new VirtualClock({ auto: false })));
    expect(watched.lookTime(4_500)).toBe(8_500);
    watched.begin(1, { at: 0, requests: 500 });
    watched.looked();
    expect(watched.lookTime(0)).toBe(8_500);
    expect([5_000, 8_000, 8_500].map((now) => watched.isDue(now))).toEqual([false, false, true]);
    expect(watched.nextTime(0)).toBe(8_500);
  });

  it('is past that, when all has been seen; then the deadline comes next', async () => {
    const watched = new PollTarget({ kind: 'action', id: 1 });
    const clock = new VirtualClock({ auto: false });
    watched.add(aWait({}, { timeout: 9_000 }, clock));
    await clock.advance(8_500);
    watched.looked();
    expect(watched.lookTime(8_500)).toBe(Infinity);
    expect(watched.nextTime(8_500)).toBe(9_000);
  });
});

describe('a request', () => {
  it('ends when nobody is left who would want to know', () => {
    const [one, other] = [anAction(1), anAction(2)];
    const errand = new SharedAbort(2);
    for (const watched of [one, other]) watched.send(errand);
    one.looked();
    one.settle();
    expect(errand.signal.aborted).toBe(false);
    other.settle();
    expect(errand.signal.aborted).toBe(true);
  });
});
