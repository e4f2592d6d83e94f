import type fc from 'fast-check';
import type { DeliveredPage } from '../../../lib/pagination/delivered-page';
import { PageReader } from '../../../lib/pagination/page-reader';

interface Item {
  id: number;
}

/** A small list on a server, and what a reader has received. */
export interface Model {
  items: number[];
  nextId: number;
  /** Items that exist since before the first request. */
  lasting: Set<number>;
  received: Set<number>;
  /** The totals that the requests of the current pass received. */
  totals: number[];
  /** The page requested last, and whether the pass under way goes from the first page on. */
  page: number;
  forwards: boolean;
  requests: number;
  over: boolean;
}

export interface Real {
  pages: AsyncGenerator<DeliveredPage<Item>, void, undefined>;
  drifted: () => boolean | null;
}

interface Shape {
  size: number;
  perPage: number;
  concurrency: number;
  consistent: boolean;
}

export function aReading({ size, perPage, concurrency, consistent }: Shape): { model: Model; real: Real } {
  const items = Array.from({ length: size }, (_, at) => size - at);
  const model: Model = {
    items,
    nextId: size + 1,
    lasting: new Set(items),
    received: new Set(),
    totals: [],
    page: 0,
    forwards: true,
    requests: 0,
    over: false,
  };
  let drifted: boolean | null = null;
  const reader = new PageReader<Item>({
    fetch: (page) => {
      model.requests += 1;
      // The first pass goes forwards, the others go back.
      if (model.forwards ? page <= model.page : page >= model.page) {
        model.totals = [];
        model.forwards = false;
      }
      model.page = page;
      const total = model.items.length;
      model.totals.push(total);
      const at = (page - 1) * perPage;
      const some = model.items.slice(at, at + perPage).map((id) => ({ id }));
      return Promise.resolve({ items: some, total, next: at + perPage < total ? page + 1 : null });
    },
    perPage,
    concurrency,
    consistent,
    signal: undefined,
    onEndless: (pages) => new Error(`no end after ${pages} pages`),
    onEnd: (moved) => (drifted = moved),
  });
  return { model, real: { pages: reader.read(), drifted: () => drifted } };
}

abstract class Step implements fc.AsyncCommand<Model, Real> {
  check({ over }: Readonly<Model>): boolean {
    return !over;
  }

  abstract run(model: Model, real: Real): Promise<void>;
  abstract toString(): string;
}

/** The consumer requests the next page. */
export class Read extends Step {
  constructor(private readonly ahead: boolean) {
    super();
  }

  override async run(model: Model, { pages, drifted }: Real): Promise<void> {
    const { value, done } = await pages.next();
    if (done) {
      model.over = true;
      const missing = [...model.lasting].filter((id) => !model.received.has(id));
      expect(drifted() !== null, 'a finished listing reports whether it drifted');
      // Newest first, with either additions or deletions between two requests.
      if (drifted() === false) expect(missing.length === 0, `missing and not reported: ${missing.join()}`);
      if (new Set(model.totals).size > 1) expect(drifted() === true, 'a total that changed is reported');
      return;
    }
    for (const { id } of value.items) {
      expect(!model.received.has(id), `${id} is not given twice`);
      model.received.add(id);
    }
    if (this.ahead) value.readAhead();
  }

  override toString(): string {
    return this.ahead ? 'reads ahead' : 'reads';
  }
}

/** A new item is added at the front. */
export class Insert extends Step {
  override run(model: Model): Promise<void> {
    model.items.unshift(model.nextId++);
    return Promise.resolve();
  }

  override toString(): string {
    return 'inserts';
  }
}

export class Delete extends Step {
  constructor(private readonly where: number) {
    super();
  }

  override run(model: Model): Promise<void> {
    const [id] = model.items.splice(Math.floor(this.where * model.items.length), 1);
    if (id !== undefined) model.lasting.delete(id);
    return Promise.resolve();
  }

  override toString(): string {
    return `deletes at ${this.where}`;
  }
}

/** The consumer stops: no further page is requested. */
export class Leave extends Step {
  override async run(model: Model, { pages }: Real): Promise<void> {
    await pages.return();
    const { requests } = model;
    model.over = true;
    await new Promise((done) => setImmediate(done));
    expect(model.requests === requests, 'no request is sent afterwards');
    expect((await pages.next()).done === true, 'no page is given afterwards');
  }

  override toString(): string {
    return 'leaves';
  }
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
