import { PageReader, type FetchedPage } from '../../../lib/pagination/page-reader';
import { seededRandom } from '../../../lib/sandbox/state/random';

export interface Item {
  id: number;
  name: string;
}

export type Order = 'newest first' | 'oldest first';

const PER_PAGE = 200;

/** A list of 1,000 items that are added, deleted and renamed between requests. */
export class ChangingList {
  items: Item[];
  requests = 0;
  /** Items that exist since before the first request. */
  readonly lasting: Set<number>;
  /** Whether items were added and deleted between the same two requests, which the total may not show. */
  cancelled = false;
  readonly #random: () => number;
  #nextId: number;

  constructor(
    private readonly order: Order,
    seed: number,
    private readonly changes: number,
    size = 1_000,
  ) {
    this.#random = seededRandom(seed);
    this.#nextId = size + 1;
    const ids = Array.from({ length: size }, (_, at) => (order === 'newest first' ? size - at : at + 1));
    this.items = ids.map((id) => ({ id, name: 'a' }));
    this.lasting = new Set(ids);
  }

  fetch(page: number, perPage = PER_PAGE): Promise<FetchedPage<Item>> {
    if (this.requests++ > 0) this.#change();
    const at = (page - 1) * perPage;
    const total = this.items.length;
    return Promise.resolve({
      items: this.items.slice(at, at + perPage),
      total,
      next: at + perPage < total ? page + 1 : null,
    });
  }

  /** Makes `changes` changes per reading, on average. */
  #change(): void {
    const changed = { insert: false, delete: false };
    while (this.#random() < this.changes / (this.changes + 5)) {
      const what = this.#random();
      if (what < 0.4) {
        this.#insert();
        changed.insert = true;
      } else if (what < 0.8) {
        this.#delete();
        changed.delete = true;
      } else {
        this.#rename();
      }
    }
    this.cancelled ||= changed.insert && changed.delete;
  }

  #insert(): void {
    const item = { id: this.#nextId++, name: 'new' };
    if (this.order === 'newest first') this.items.unshift(item);
    else this.items.push(item);
  }

  #delete(): void {
    const [deleted] = this.items.splice(Math.floor(this.#random() * this.items.length), 1);
    if (deleted) this.lasting.delete(deleted.id);
  }

  #rename(): void {
    const item = this.items[Math.floor(this.#random() * this.items.length)];
    if (item) item.name += 'b';
  }
}

/** The result of reading the list. */
export interface Reading {
  ids: number[];
  drifted: boolean;
  /** Items that existed all the time and are not in the result. */
  missing: number[];
}

export async function readAll(list: ChangingList, consistent: boolean): Promise<Reading> {
  const before = list.lasting;
  let drifted = false;
  const reader = new PageReader<Item>({
    fetch: (page) => list.fetch(page),
    perPage: PER_PAGE,
    concurrency: 8,
    consistent,
    signal: undefined,
    onEnd: (moved) => (drifted = moved),
  });
  const ids: number[] = [];
  for await (const page of reader.read()) {
    page.readAhead();
    for (const { id } of page.items) ids.push(id);
  }
  const got = new Set(ids);
  return { ids, drifted, missing: [...before].filter((id) => !got.has(id)) };
}
