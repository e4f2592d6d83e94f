import { describe, expect, it } from '@jest/globals';
import { onAbort } from '../../lib/core/cancel';
import { Ending } from '../../lib/core/ending';

describe('an ending', () => {
  it('tells everybody who listens, once, with its reason', () => {
    const ending = new Ending();
    const heard: unknown[] = [];
    ending.listen((reason) => heard.push(['a', reason]));
    onAbort(ending, (reason) => heard.push(['b', reason]));
    ending.abort('first');
    ending.abort('second');
    expect(heard).toEqual([
      ['a', 'first'],
      ['b', 'first'],
    ]);
    expect(ending).toMatchObject({ aborted: true, reason: 'first' });
    expect(() => ending.throwIfAborted()).toThrow('first');
  });

  it('does not tell who has left', () => {
    const ending = new Ending();
    const heard: unknown[] = [];
    ending.listen((reason) => heard.push(reason))();
    ending.abort('over');
    expect(heard).toEqual([]);
  });

  it('tells the others in the order in which they came, whoever has left, and however often', () => {
    for (const leaving of ['abc', 'a', 'b', 'c', 'ab', 'ba', 'bc', 'ca', '']) {
      const ending = new Ending();
      const heard: string[] = [];
      const leave = new Map(
        ['a', 'b', 'c', 'd'].map((name) => [name, ending.listen(() => heard.push(name))]),
      );
      for (const name of leaving + leaving) leave.get(name)?.();
      ending.listen(() => heard.push('e'));
      ending.abort('over');
      expect([leaving, heard.join('')]).toEqual([
        leaving,
        ['a', 'b', 'c', 'd', 'e'].filter((name) => !leaving.includes(name)).join(''),
      ]);
    }
  });

  it('does not tell who leaves while others are told', () => {
    const ending = new Ending();
    const heard: string[] = [];
    ending.listen(() => leave());
    const leave = ending.listen(() => heard.push('left'));
    ending.listen(() => heard.push('stayed'));
    ending.abort('over');
    expect(heard).toEqual(['stayed']);
  });

  it('tells who comes late, at once', () => {
    const ending = new Ending();
    ending.abort('over');
    const heard: unknown[] = [];
    onAbort(ending, (reason) => heard.push(reason));
    expect(heard).toEqual(['over']);
  });

  it('is an AbortSignal for others: before, during and after', () => {
    const early = new Ending();
    const { signal } = early;
    expect([signal.aborted, early.signal === signal]).toEqual([false, true]);
    early.abort('over');
    expect([signal.aborted, signal.reason]).toEqual([true, 'over']);
    const late = new Ending();
    late.abort('over');
    expect([late.signal.aborted, late.signal.reason]).toEqual([true, 'over']);
  });

  it('throws nothing while it has not come', () => {
    expect(() => new Ending().throwIfAborted()).not.toThrow();
  });
});
