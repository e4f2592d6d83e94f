import { Action, Image, Region } from '../..';

/** What a session has met so far: slugs, regions and names, for completion. */
export class CompletionIndex {
  readonly #words = new Set<string>();

  /** Words that begin so, in order. */
  startingWith(prefix: string): string[] {
    return [...this.#words].filter((word) => word.startsWith(prefix)).sort();
  }

  add(value: unknown): void {
    if (Array.isArray(value)) for (const item of value) this.add(item);
    else if (value instanceof Image) this.#note(value.slug, value.name, ...value.regions);
    else if (value instanceof Region) this.#note(value.slug);
    else if (value instanceof Action) this.#note(value.regionSlug);
    else if (typeof value === 'object' && value !== null && 'items' in value) this.add(value.items);
  }

  /** The same value; what a promise gives is noted when it is there, and its rejection remains the caller's. */
  pass(value: unknown): unknown {
    if (!(value instanceof Promise)) return value;
    return value.then((given: unknown) => {
      this.add(given);
      return given;
    });
  }

  #note(...words: readonly (string | null)[]): void {
    for (const word of words) if (word) this.#words.add(word);
  }
}
