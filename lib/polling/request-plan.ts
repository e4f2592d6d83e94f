/** One page of one list: a request that may show many targets. */
export interface PageRef {
  /** The path of the list: `actions`, `images`, `droplets`, or that of a resource's actions, such as `images/5/actions`. */
  list: string;
  page: number;
}

/** The pages a target is expected on: one of the account's list, one of its resource's list. */
export interface ExpectedPages {
  account: PageRef | null;
  parent: PageRef | null;
}

/** Which pages to request, and what to request one by one. */
export interface RequestPlan<W> {
  pages: PageRef[];
  singles: W[];
}

/**
 * Chooses the fewest requests that show everything wanted: pages of lists, or single requests.
 *
 * Pages are the vertices of a bipartite graph (the account's pages and the resources' pages), and each target is an edge
 * between the two pages it is expected on. The fewest pages that show every target are a minimum vertex cover, which
 * in a bipartite graph is as large as a maximum matching and follows from it (Kőnig). A page that would show only one
 * target is replaced by a single request, which costs the same and cannot miss.
 */
export function planRequests<W extends ExpectedPages>(wanted: readonly W[]): RequestPlan<W> {
  const edges = wanted.map((item) => new Edge(item));
  const pages = coverEdges(edges);
  const covering = ({ keys }: Edge<W>): string[] => keys.filter((key) => pages.has(key));
  const covered = new Map<string, Edge<W>[]>();
  for (const edge of edges) for (const key of covering(edge)) append(covered, key, edge);
  for (const [key, edgesHere] of covered) {
    const onlyHere = edgesHere.filter((edge) => covering(edge).length === 1);
    if (onlyHere.length <= 1) pages.delete(key);
  }
  const singles = edges.filter((edge) => covering(edge).length === 0);
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
  readonly pages: PageRef[];
  readonly keys: string[];

  constructor(readonly item: W) {
    // The resource's list comes first: it is shorter, and other activity in the account does not move its items.
    this.pages = [item.parent, item.account].filter((page) => page !== null);
    this.keys = this.pages.map(keyOf);
  }
}

/** The pages of a minimum cover, by key. An edge without pages is not covered. */
function coverEdges(edges: readonly Edge<ExpectedPages>[]): Map<string, PageRef> {
  const pages = new Map<string, PageRef>();
  // An edge with one page only needs that page.
  const cover = new Set<string>();
  for (const edge of edges) {
    for (const [index, page] of edge.pages.entries()) pages.set(edge.keys[index] ?? '', page);
    if (edge.keys.length === 1) for (const key of edge.keys) cover.add(key);
  }
  const neighbours = new Map<string, Set<string>>();
  for (const { keys } of edges) {
    const [left, right] = keys;
    if (left === undefined || right === undefined || cover.has(left) || cover.has(right)) continue;
    neighbours.set(left, (neighbours.get(left) ?? new Set()).add(right));
  }
  for (const key of minimumCover(neighbours)) cover.add(key);
  return new Map([...pages].filter(([key]) => cover.has(key)));
}

/** Kőnig: the left vertices that no unmatched left vertex reaches, and the right vertices that one does. */
function minimumCover(neighbours: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const matching = new Matching(neighbours);
  const cover = new Set(neighbours.keys());
  // A matched vertex stays matched, though its partner may change.
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

/** Pairs of neighbours, each vertex in one pair at most; a maximum matching once every left vertex was tried. */
class Matching {
  readonly leftOf = new Map<string, string>();
  /** No free vertex can be reached from these any more: to try them again would cost the square of their number. */
  private readonly exhausted = new Set<string>();

  constructor(private readonly neighbours: ReadonlyMap<string, ReadonlySet<string>>) {}

  match(left: string): boolean {
    const tried = new Set<string>();
    if (this.augment(left, tried)) return true;
    for (const right of tried) this.exhausted.add(right);
    return false;
  }

  /** Tries to match `left`, moving others to another of their neighbours where that helps. */
  private augment(left: string, tried: Set<string>): boolean {
    const rights = [...(this.neighbours.get(left) ?? [])].filter((right) => !this.exhausted.has(right));
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
