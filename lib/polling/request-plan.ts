/** One page of one list: a request that may tell about many. */
export interface PageRef {
  /** `actions`, `images`, or the id of the image whose actions are listed. */
  list: string | number;
  page: number;
}

/** Something to be looked at, and on which pages of lists it is expected: the account's, and its image's own. */
export interface ExpectedPages {
  account: PageRef | null;
  image: PageRef | null;
}

/** Which pages to ask for, and what has to be asked for one by one. */
export interface RequestPlan<W> {
  pages: PageRef[];
  singles: W[];
}

/**
 * Chooses the fewest requests that tell about everything wanted: pages of lists, or single requests.
 *
 * Pages are points, and what is expected on one page of the account and on one page of its image is a line between
 * them; the fewest points that touch every line are a minimum vertex cover, which in a graph of two sides is as large
 * as a maximum matching (Kőnig) and can be read off it. A page that would tell about one thing alone is left for a
 * single request: it costs the same and cannot miss.
 */
export function planRequests<W extends ExpectedPages>(wanted: readonly W[]): RequestPlan<W> {
  const lines = wanted.map((item) => new Edge(item));
  const pages = coverEdges(lines);
  const covering = ({ keys }: Edge<W>): string[] => keys.filter((key) => pages.has(key));
  const covered = new Map<string, Edge<W>[]>();
  for (const line of lines) for (const key of covering(line)) append(covered, key, line);
  for (const [key, those] of covered) {
    const forItAlone = those.filter((line) => covering(line).length === 1);
    if (forItAlone.length <= 1) pages.delete(key);
  }
  const singles = lines.filter((line) => covering(line).length === 0);
  return { pages: [...pages.values()], singles: singles.map(({ item }) => item) };
}

export function keyOf({ list, page }: PageRef): string {
  return `${list}/${page}`;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

/** Something wanted, with the pages it is expected on. */
class Edge<W extends ExpectedPages> {
  readonly places: PageRef[];
  readonly keys: string[];

  constructor(readonly item: W) {
    // Where both would do, an image's own list is the shorter one, and free of what else goes on in the account.
    this.places = [item.image, item.account].filter((place) => place !== null);
    this.keys = this.places.map(keyOf);
  }
}

/** The pages of a minimum cover, by key. What is expected nowhere is not covered. */
function coverEdges(lines: readonly Edge<ExpectedPages>[]): Map<string, PageRef> {
  const places = new Map<string, PageRef>();
  // Expected on one page only: a single request would cost as much as that page and tell less.
  const cover = new Set<string>();
  for (const { places: its, keys } of lines) {
    for (const [index, place] of its.entries()) places.set(keys[index] ?? '', place);
    if (keys.length === 1) for (const key of keys) cover.add(key);
  }
  const neighbours = new Map<string, Set<string>>();
  for (const { keys } of lines) {
    const [left, right] = keys;
    if (left === undefined || right === undefined || cover.has(left) || cover.has(right)) continue;
    neighbours.set(left, (neighbours.get(left) ?? new Set()).add(right));
  }
  for (const key of minimumCover(neighbours)) cover.add(key);
  return new Map([...places].filter(([key]) => cover.has(key)));
}

/** Kőnig: of the left side what cannot be reached from an unmatched point, of the right side what can. */
function minimumCover(neighbours: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const matching = new Matching(neighbours);
  const cover = new Set(neighbours.keys());
  // Who is matched stays so, though perhaps to somebody else.
  const open = [...neighbours.keys()].filter((left) => !matching.match(left));
  for (let left = open.pop(); left !== undefined; left = open.pop()) {
    if (!cover.delete(left)) continue;
    for (const right of neighbours.get(left) ?? []) {
      cover.add(right);
      const next = matching.leftOf.get(right);
      if (next !== undefined) open.push(next);
    }
  }
  return cover;
}

/** Pairs of neighbours, each in one pair at most; as many as there can be once all were tried. */
class Matching {
  readonly leftOf = new Map<string, string>();
  /** From these on nobody free can be reached, now and for good: to try them again would cost the square of the number. */
  private readonly hopeless = new Set<string>();

  constructor(private readonly neighbours: ReadonlyMap<string, ReadonlySet<string>>) {}

  match(left: string): boolean {
    const tried = new Set<string>();
    if (this.augment(left, tried)) return true;
    for (const right of tried) this.hopeless.add(right);
    return false;
  }

  /** Tries to match `left`, moving others to another of their neighbours where that helps. */
  private augment(left: string, tried: Set<string>): boolean {
    const rights = [...(this.neighbours.get(left) ?? [])].filter((right) => !this.hopeless.has(right));
    const free = rights.find((right) => !this.leftOf.has(right));
    if (free !== undefined) {
      this.leftOf.set(free, left);
      return true;
    }
    for (const right of rights) {
      if (tried.has(right)) continue;
      tried.add(right);
      const owner = this.leftOf.get(right);
      if (owner === undefined || !this.augment(owner, tried)) continue;
      this.leftOf.set(right, left);
      return true;
    }
    return false;
  }
}
