import { describe, expect, it } from '@jest/globals';
import type { Requester } from '../../lib/model/requester';
import { asCompleted } from '../../lib/polling/as-completed';
import { type WaitPolicy, WaitTimeoutError } from '../../lib/polling/wait-options';
import type { PollerFacade } from '../../lib/polling/room';
import type { WaitTarget } from '../../lib/polling/waiter';
import { ManualClock, settled } from '../support/manual-clock';
import { rejection } from '../support/rejection';

type Outcome = (state: string) => void;

/** A place to wait where the spec says how each wait ends. */
class Room {
  readonly clock = new ManualClock();
  readonly waiting = new Map<
    string,
    { end: Outcome; fail: (reason: unknown) => void; signal: AbortSignal | undefined }
  >();

  wait({ name }: WaitTarget<string>, { signal }: WaitPolicy<string>): Promise<string> {
    return new Promise((end, fail) => this.waiting.set(name, { end, fail, signal }));
  }

  each(states: Record<string, string>, signal?: AbortSignal): AsyncGenerator<string, void, undefined> {
    const subjects = Object.entries(states).map(([name, state]) => {
      const ended = (now: string): boolean => now === 'ended before';
      return { name, state, ended } as unknown as WaitTarget<string>;
    });
    const api = { clock: this.clock } as unknown as Requester;
    const patience = { signal } as unknown as WaitPolicy<string>;
    return asCompleted(api, this as unknown as PollerFacade, subjects, patience, 'Of these some');
  }

  /** Reads to the end. Returns what came, and what it ended with. */
  async read(each: AsyncGenerator<string, void, undefined>): Promise<{ came: string[]; error: unknown }> {
    const came: string[] = [];
    try {
      for await (const state of each) came.push(state);
      return { came, error: null };
    } catch (error) {
      return { came, error };
    }
  }

  late(name: string, looks: number): void {
    this.waiting.get(name)?.fail(new WaitTimeoutError(name, [name], 5, looks));
  }
}

describe('many waits', () => {
  it('give what had ended before at once, in order, and do not wait for it', async () => {
    const room = new Room();
    const each = room.each({ a: 'under way', b: 'ended before', c: 'ended before' });
    await expect(each.next()).resolves.toEqual({ done: false, value: 'ended before' });
    expect([...room.waiting.keys()]).toEqual(['a']);
    const reading = room.read(each);
    room.waiting.get('a')?.end('ended now');
    expect(await reading).toEqual({ came: ['ended before', 'ended now'], error: null });
  });

  it('give each as it ends', async () => {
    const room = new Room();
    const reading = room.read(room.each({ a: '', b: '', c: '' }));
    for (const name of ['c', 'a', 'b']) {
      await settled();
      room.waiting.get(name)?.end(name);
    }
    expect(await reading).toEqual({ came: ['c', 'a', 'b'], error: null });
  });

  it('say in the end which had not ended in time, after how long, and how often was looked at most', async () => {
    const room = new Room();
    await room.clock.advance(7_000);
    const reading = room.read(room.each({ a: '', b: '', c: '', d: '' }));
    await room.clock.advance(60_000);
    room.late('a', 3);
    room.late('b', 8);
    room.late('d', 5);
    room.waiting.get('c')?.end('c');
    const { came, error } = await reading;
    expect(came).toEqual(['c']);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ inProgress: ['a', 'b', 'd'], elapsed: 60_000, polls: 8 });
    expect(String(error)).toContain('Of these some had not ended after 60 s and 8 looks');
  });

  it('end with the first that fails, after what has come before it; the others are waited for no longer', async () => {
    const room = new Room();
    const reading = room.read(room.each({ a: '', b: '', c: '' }));
    await settled();
    const failure = new Error('gone');
    room.waiting.get('b')?.end('b');
    room.waiting.get('a')?.fail(failure);
    expect(await reading).toEqual({ came: ['b'], error: failure });
    expect(room.waiting.get('c')?.signal?.aborted).toBe(true);
  });

  it('are called off when the loop is left', async () => {
    const room = new Room();
    const each = room.each({ a: 'ended before', b: '' });
    await each.next();
    expect(room.waiting.get('b')?.signal?.aborted).toBe(false);
    await each.return();
    expect(room.waiting.get('b')?.signal?.aborted).toBe(true);
  });

  it('hand on the reason of an abort', async () => {
    const room = new Room();
    const controller = new AbortController();
    const next = room.each({ a: '' }, controller.signal).next();
    await settled();
    controller.abort('enough');
    const { signal, fail } = room.waiting.get('a') ?? {};
    expect(signal?.reason).toBe('enough');
    fail?.(signal?.reason);
    expect(await rejection(next)).toBe('enough');
  });
});
