import { describe, expect, it } from '@jest/globals';
import { Registry } from '../../lib/util/registry';

/** An object that counts how often it is asked whether it is idle. */
class Entry {
  static looks = 0;
  idle = false;

  get isIdle(): boolean {
    Entry.looks += 1;
    return this.idle;
  }
}

const add = (registry: Registry<Entry>, name: string): Entry => registry.get(name, () => new Entry());

describe('a registry', () => {
  it('creates one object for each name', () => {
    const registry = new Registry<Entry>();
    const first = add(registry, 'a');
    expect(add(registry, 'a')).toBe(first);
    expect(registry.find('a')).toBe(first);
    expect(registry.find('b')).toBeUndefined();
    expect(add(registry, 'b')).not.toBe(first);
    expect(registry.size).toBe(2);
  });

  it('discards idle objects, in whatever order they become idle', () => {
    const registry = new Registry<Entry>();
    const all = Array.from({ length: 1_000 }, (_, index) => add(registry, String(index)));
    for (const [index, entry] of all.entries()) entry.idle = index % 3 !== 0;
    for (let next = 0; next < 250; next++) add(registry, `next ${next}`);
    expect(all.filter((_, index) => registry.find(String(index)))).toEqual(all.filter(({ idle }) => !idle));
  });

  it('looks at eight objects for each new one, however many there are', () => {
    const registry = new Registry<Entry>();
    Entry.looks = 0;
    for (let next = 0; next < 10_000; next++) add(registry, String(next));
    expect(Entry.looks).toBeLessThanOrEqual(8 * 10_000);
    expect(registry.size).toBe(10_000);
  });
});
