import { describe, expect, it } from '@jest/globals';
import { onAbort } from '../../lib/util/abort';
import { AbortScope } from '../../lib/util/abort';

describe('an ending', () => {
  it('tells everybody who listens, once, with its reason', () => {
    const ending = new AbortScope();
    const heard: unknown[] = [];
    ending.subscribe((reason) => heard.push(['a', reason]));
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
    const ending = new AbortScope();
    const heard: unknown[] = [];
    ending.subscribe((reason) => heard.push(reason))();
    ending.abort('over');
    expect(heard).toEqual([]);
  });

  it('tells the others in the order in which they came, whoever has left, and however often', () => {
    for (const leaving of ['abc', 'a', 'b', 'c', 'ab', 'ba', 'bc', 'ca', '']) {
      const ending = new AbortScope();
      const heard: string[] = [];
      const leave = new Map(
        ['a', 'b', 'c', 'd'].map((name) => [name, ending.subscribe(() => heard.push(name))]),
      );
      for (const name of leaving + leaving) leave.get(name)?.();
      ending.subscribe(() => heard.push('e'));
      ending.abort('over');
      expect([leaving, heard.join('')]).toEqual([
        leaving,
        ['a', 'b', 'c', 'd', 'e'].filter((name) => !leaving.includes(name)).join(''),
      ]);
    }
  });

  it('does not tell who leaves while others are told', () => {
    const ending = new AbortScope();
    const heard: string[] = [];
    ending.subscribe(() => leave());
    const leave = ending.subscribe(() => heard.push('left'));
    ending.subscribe(() => heard.push('stayed'));
    ending.abort('over');
    expect(heard).toEqual(['stayed']);
  });

  it('tells who comes late, at once', () => {
    const ending = new AbortScope();
    ending.abort('over');
    const heard: unknown[] = [];
    onAbort(ending, (reason) => heard.push(reason));
    expect(heard).toEqual(['over']);
  });

  it('is an AbortSignal for others: before, during and after', () => {
    const early = new AbortScope();
    const { signal } = early;
    expect([signal.aborted, early.signal === signal]).toEqual([false, true]);
    early.abort('over');
    expect([signal.aborted, signal.reason]).toEqual([true, 'over']);
    const late = new AbortScope();
    late.abort('over');
    expect([late.signal.aborted, late.signal.reason]).toEqual([true, 'over']);
  });

  it('throws nothing while it has not come', () => {
    expect(() => new AbortScope().throwIfAborted()).not.toThrow();
  });
});
