import type { FetchedPage } from '../../../lib/pagination/page-queue';
import { PageReader } from '../../../lib/pagination/page-reader';
import { seededRandom } from '../../../lib/sandbox/state/random';

export interface Item {
  id: number;
  name: string;
}

export type Order = 'newest first' | 'oldest first';

const PER_PAGE = 200;

/** A list of a thousand that changes between requests: things are added, taken away and renamed. */
export class Shelf {
  items: Item[];
  requests = 0;
  /** What was there before the first request, and still is. */
  readonly lasting: Set<number>;
  /** Whether something was added and something taken away between the same two requests: the total does not show it. */
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

  /** On average as many changes in one reading as was asked for. */
  #change(): void {
    const happened = { insert: false, delete: false };
    while (this.#random() < this.changes / (this.changes + 5)) {
      const what = this.#random();
      if (what < 0.4) {
        this.#insert();
        happened.insert = true;
      } else if (what < 0.8) {
        this.#delete();
        happened.delete = true;
      } else {
        this.#rename();
      }
    }
    this.cancelled ||= happened.insert && happened.delete;
  }

  #insert(): void {
    const item = { id: this.#nextId++, name: 'new' };
    if (this.order === 'newest first') this.items.unshift(item);
    else this.items.push(item);
  }

  #delete(): void {
    const [gone] = this.items.splice(Math.floor(this.#random() * this.items.length), 1);
    if (gone) this.lasting.delete(gone.id);
  }

  #rename(): void {
    const item = this.items[Math.floor(this.#random() * this.items.length)];
    if (item) item.name += 'b';
  }
}

/** What a reading gave. */
export interface Reading {
  ids: number[];
  drifted: boolean;
  /** What was there all the time and did not come. */
  missing: number[];
}

export async function readAll(shelf: Shelf, consistent: boolean): Promise<Reading> {
  const before = shelf.lasting;
  let drifted = false;
  const reader = new PageReader<Item>({
    fetch: (page) => shelf.fetch(page),
    perPage: PER_PAGE,
    concurrency: 8,
    consistent,
    signal: undefined,
    onEndless: (pages) => new Error(`no end after ${pages} pages`),
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
