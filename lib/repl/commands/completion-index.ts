import { Action, Droplet, Image, Region, Snapshot } from '../..';
import type { NamedKind } from '../questions/question-words';

/**
 * Slugs, regions and names that a session has seen, for completion, and by their ids the names of images and Droplets and the
 * sizes of images.
 */
export class CompletionIndex {
  readonly #words = new Set<string>();
  readonly #names: Readonly<Record<NamedKind, Map<string, string>>> = {
    image: new Map(),
    droplet: new Map(),
  };
  readonly #sizes = new Map<string, number>();

  /** Words that begin with `prefix`, sorted. */
  startingWith(prefix: string): string[] {
    return sorted(this.#words, prefix);
  }

  /** Ids that begin with `prefix`, sorted. */
  idsStartingWith(kind: NamedKind, prefix: string): string[] {
    return sorted(this.#names[kind].keys(), prefix);
  }

  /** The slug or name; `null` for what the session has not seen, or what has none. */
  nameOf(kind: NamedKind, id: string): string | null {
    const name = this.#names[kind].get(id) ?? '';
    return name === '' ? null : name;
  }

  /** The size of an image in gigabytes; `null` when it is not known. */
  gigabytesOf(id: string): number | null {
    return this.#sizes.get(id) ?? null;
  }

  /** Adds the words of resources, also of those in an array or in a page of a listing. */
  add(value: unknown): void {
    if (Array.isArray(value)) for (const item of value) this.add(item);
    else if (value instanceof Image) {
      const { id, slug, name, regions, sizeGigabytes } = value;
      if (sizeGigabytes !== null) this.#sizes.set(String(id), sizeGigabytes);
      this.#addWords(slug, name, ...regions);
      this.#addName('image', id, slug, name);
    } else if (value instanceof Droplet) {
      const { id, name, sizeSlug, region, image } = value;
      this.#addWords(name, sizeSlug);
      this.#addName('droplet', id, name);
      this.add(region);
      this.add(image);
    } else if (value instanceof Snapshot) {
      const { id, name, regions } = value;
      this.#addWords(name, ...regions);
      this.#addName('image', id, name);
    } else if (value instanceof Region) this.#addWords(value.slug);
    else if (value instanceof Action) this.#addWords(value.regionSlug);
    else if (typeof value === 'object' && value !== null && 'items' in value) this.add(value.items);
  }

  #addWords(...words: readonly (string | null)[]): void {
    for (const word of words) if (word) this.#words.add(word);
  }

  /** An object that was created from an id alone has no name: it does not replace one that is known. */
  #addName(kind: NamedKind, id: number | string, ...names: readonly (string | null)[]): void {
    const key = String(id);
    this.#names[kind].set(key, names.find(Boolean) ?? this.nameOf(kind, key) ?? '');
  }
}

function sorted(words: Iterable<string>, prefix: string): string[] {
  return [...words].filter((word) => word.startsWith(prefix)).sort();
}
