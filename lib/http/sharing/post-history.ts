import type { CallHistory, Noun, OpenPost } from '../../model/requester';
import type { LostResponse } from '../../errors/unknown-outcome';

/** How many ids of a noun are remembered at least; twice as many at most. */
const MIN_SEEN = 5_000;

/** How many ids are remembered with the call that made them. */
const MAX_OWNERS = 10_000;

/** How many POSTs are remembered that may have made something unknown. */
const MAX_UNRESOLVED = 1_000;

/** Under which keys responses have items, one or many. */
const NOUN_OF: ReadonlyMap<string, Noun> = new Map([
  ['action', 'action'],
  ['actions', 'action'],
  ['image', 'image'],
  ['images', 'image'],
  ['droplet', 'droplet'],
  ['droplets', 'droplet'],
]);

/** A bare request may have a query. */
const pathOf = (url: string): string | undefined => url.split('?', 1)[0];

let sequence = 0;

/** Numbers attempts and responses in their order, whatever the clocks say. */
export function nextSequence(): number {
  return ++sequence;
}

/** The first time that an id was in a response. Forgets the oldest, in two generations. */
class FirstSeen {
  #young = new Map<number, number>();
  #old = new Map<number, number>();

  add(id: number, at: number): void {
    if (this.get(id) !== undefined) return;
    if (this.#young.size >= MIN_SEEN) this.#turn();
    this.#young.set(id, at);
  }

  #turn(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }

  get(id: number): number | undefined {
    return this.#young.get(id) ?? this.#old.get(id);
  }
}

/**
 * What a process has received and sent with one token, as far as searches for lost POSTs need it: which ids it knew when,
 * which calls made them, and which POSTs may have made others. Bounded, whatever the number of items and calls.
 */
export class PostHistory implements CallHistory {
  readonly #seen: Record<Noun, FirstSeen> = {
    action: new FirstSeen(),
    image: new FirstSeen(),
    droplet: new FirstSeen(),
  };
  readonly #owners = new Map<string, LostResponse | 'another call'>();
  readonly #unresolved = new Set<OpenPost>();

  /** Notes the ids of a response. @param isMade whether the call has made these items */
  received(body: unknown, isMade: boolean): void {
    if (typeof body !== 'object' || body === null) return;
    const at = nextSequence();
    for (const key of Object.keys(body)) {
      const noun = NOUN_OF.get(key);
      if (!noun) continue;
      const value = (body as Record<string, unknown>)[key];
      for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
        const id = (item as { id?: unknown } | null)?.id;
        if (typeof id !== 'number') continue;
        this.#seen[noun].add(id, at);
        if (isMade) this.#own(noun, id, 'another call');
      }
    }
  }

  /** Notes a POST that is about to be sent. It counts once it may have been. */
  open(post: OpenPost): void {
    this.#unresolved.add(post);
    if (this.#unresolved.size <= MAX_UNRESOLVED) return;
    for (const one of this.#unresolved) {
      if (one.endedAt === null) continue;
      this.#unresolved.delete(one);
      return;
    }
  }

  /** Forgets a POST: it has made nothing, or what it made is known. */
  close(post: OpenPost): void {
    this.#unresolved.delete(post);
  }

  owner(noun: Noun, id: number): LostResponse | 'another call' | null {
    return this.#owners.get(`${noun} ${id}`) ?? null;
  }

  wasSeenBefore(noun: Noun, id: number, moment: number): boolean {
    return (this.#seen[noun].get(id) ?? Infinity) < moment;
  }

  unresolved(url: string): readonly OpenPost[] {
    return [...this.#unresolved].filter(
      (post) => pathOf(post.url) === pathOf(url) && post.attempt.mayHaveBeenSent,
    );
  }

  resolve(lost: LostResponse, noun: Noun, id: number | null): void {
    if (id !== null) this.#own(noun, id, lost);
    for (const post of this.#unresolved) if (post.lost === lost) this.close(post);
  }

  #own(noun: Noun, id: number, owner: LostResponse | 'another call'): void {
    this.#owners.set(`${noun} ${id}`, owner);
    const [oldest] = this.#owners.keys();
    if (this.#owners.size > MAX_OWNERS && oldest !== undefined) this.#owners.delete(oldest);
  }
}
