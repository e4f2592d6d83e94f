import { Action, Image, Region } from '../..';

/** Slugs, regions and names that a session has seen, for completion, and the names of images by their ids. */
export class CompletionIndex {
  readonly #words = new Set<string>();
  readonly #names = new Map<number, string>();

  /** Words that begin with `prefix`, sorted. */
  startingWith(prefix: string): string[] {
    return [...this.#words].filter((word) => word.startsWith(prefix)).sort();
  }

  /** The slug or name of an image; `null` for one that the session has not seen. */
  nameOf(imageId: number): string | null {
    return this.#names.get(imageId) ?? null;
  }

  /** Adds the words of resources, also of those in an array or in a page of a listing. */
  add(value: unknown): void {
    if (Array.isArray(value)) for (const item of value) this.add(item);
    else if (value instanceof Image) {
      const { id, slug, name, regions } = value;
      this.#addWords(slug, name, ...regions);
      if (slug ?? name) this.#names.set(id, slug ?? name);
    } else if (value instanceof Region) this.#addWords(value.slug);
    else if (value instanceof Action) this.#addWords(value.regionSlug);
    else if (typeof value === 'object' && value !== null && 'items' in value) this.add(value.items);
  }

  #addWords(...words: readonly (string | null)[]): void {
    for (const word of words) if (word) this.#words.add(word);
  }
}
