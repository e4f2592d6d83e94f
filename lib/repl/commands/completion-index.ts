import { Action, Droplet, Image, Region, Snapshot } from '../..';
import type { NamedKind } from '../questions/question-words';

/** What a word can be: a name or slug of a resource, a slug of a region or of a size. */
export type WordKind = 'name' | 'region' | 'size';

/**
 * Slugs, regions and names that a session has seen, for completion, and by their ids the names of images and Droplets and the
 * sizes of images.
 */
export class CompletionIndex {
  readonly #words: Readonly<Record<WordKind, Set<string>>> = {
    name: new Set(),
    region: new Set(),
    size: new Set(),
  };
  readonly #names: Readonly<Record<NamedKind, Map<string, string>>> = {
    image: new Map(),
    droplet: new Map(),
  };
  readonly #sizes = new Map<string, number>();

  /** Words that begin with `prefix`, sorted. @param kind only those; default: all */
  startingWith(prefix: string, kind?: WordKind): string[] {
    const { name, region, size } = this.#words;
    return sorted(kind ? this.#words[kind] : new Set([...name, ...region, ...size]), prefix);
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
      this.#addWords('name', slug, name);
      this.#addWords('region', ...regions);
      this.#addName('image', id, slug, name);
    } else if (value instanceof Droplet) {
      const { id, name, sizeSlug, region, image } = value;
      this.#addWords('name', name);
      this.#addWords('size', sizeSlug);
      this.#addName('droplet', id, name);
      this.add(region);
      this.add(image);
    } else if (value instanceof Snapshot) {
      const { id, name, regions } = value;
      this.#addWords('name', name);
      this.#addWords('region', ...regions);
      this.#addName('image', id, name);
    } else if (value instanceof Region) {
      this.#addWords('region', value.slug);
      this.#addWords('size', ...value.sizes);
    } else if (value instanceof Action) this.#addWords('region', value.regionSlug);
    else if (typeof value === 'object' && value !== null && 'items' in value) this.add(value.items);
  }

  #addWords(kind: WordKind, ...words: readonly (string | null)[]): void {
    for (const word of words) if (word) this.#words[kind].add(word);
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
