import { Readable } from 'node:stream';
import { ClosedError, DOApi } from '../../../lib';
import { ManualClock, settled } from '../../support/manual-clock';
import { HeldServer } from './held-server';

type Items = AsyncGenerator<unknown, void, undefined>;

/** A kind of iterator. */
interface Kind {
  open: (api: DOApi, signal: AbortSignal) => Items;
  /** How many items come without a request. */
  ready: number;
  /** How many items come with the first response. */
  first: number;
}

const done = [901, 902].map((id) => ({ id, status: 'completed' }));

export const LISTING: Kind = {
  open: (api, signal) => api.fetchAllImages({ signal })[Symbol.asyncIterator](),
  ready: 0,
  first: 2,
};

export const KINDS: Readonly<Record<string, Kind>> = {
  'a listing': LISTING,
  'the actions of an image': {
    open: (api, signal) => api.image(5).fetchAllActions({ signal })[Symbol.asyncIterator](),
    ...{ ready: 0, first: 2 },
  },
  'pages()': {
    open: (api, signal) => api.fetchAllImages().pages({ signal }),
    ...{ ready: 0, first: 1 },
  },
  'paginate()': {
    open: (api, signal) => api.paginate('/v2/images', 'images', { signal })[Symbol.asyncIterator](),
    ...{ ready: 0, first: 2 },
  },
  'waitActions()': {
    open: (api, signal) =>
      api.waitActions(
        [...done, 1, 2].map((one) => api.action(one)),
        { signal },
      ),
    ...{ ready: 2, first: 2 },
  },
};

/** An iterator with all that is around it. */
export class Cell {
  readonly clock = new ManualClock();
  readonly server = new HeldServer();
  readonly controller = new AbortController();
  readonly api: DOApi;
  readonly items: Items;
  /** The calls of `next()` that are pending in the state. */
  pending: Promise<IteratorResult<unknown, void>>[] = [];

  constructor(
    readonly kind: Kind,
    { queue }: { queue: boolean },
  ) {
    const { clock, server } = this;
    const rateLimit = queue ? { perMinute: 1 } : false;
    const token = `x${String(Math.random())}`;
    const transport = { adapter: server.adapter };
    this.api = new DOApi({ token, clock, rateLimit, perPage: 2, retries: 0, transport });
    this.items = kind.open(this.api, this.controller.signal);
  }

  async take(count: number): Promise<void> {
    for (let nth = 0; nth < count; nth++) await this.items.next();
  }

  /** Calls `next()`, which stays pending. */
  async request(): Promise<void> {
    const next = this.items.next();
    next.catch(() => undefined);
    this.pending.push(next);
    await this.clock.advance(0);
  }

  /** Reads on until the iteration ends or fails. */
  async exhaust(): Promise<void> {
    for (let isOver = false; !isOver;) {
      const next = this.items.next().then(
        (result) => result.done === true,
        () => true,
      );
      await this.clock.advance(60_000);
      isOver = await next;
    }
  }
}

/** Where an iteration is when it is ended. */
interface State {
  reach: (cell: Cell) => Promise<unknown>;
  /** Whether the cell has got there. */
  isReached?: (cell: Cell) => boolean;
  queue?: boolean;
  /** Whether it has ended before. */
  isOver?: boolean;
  /** Whether another item is there. */
  hasNext?: (kind: Kind) => boolean;
}

export const STATES: Readonly<Record<string, State>> = {
  'that has not started': { reach: () => Promise.resolve() },
  'whose request is under way': {
    reach: async (cell) => {
      await cell.take(cell.kind.ready);
      cell.server.isHolding = true;
      await cell.request();
      await cell.request();
    },
    isReached: ({ server }) => server.inFlight > 0,
  },
  'between two items': {
    reach: async (cell) => {
      await cell.take(1);
      cell.server.isHolding = true;
    },
    hasNext: ({ first }) => first > 1,
  },
  'between two pages': {
    reach: async (cell) => {
      await cell.take(1);
      cell.server.isHolding = true;
      await cell.take(cell.kind.first - 1);
      await cell.clock.advance(0);
    },
  },
  "in the rate limiter's queue": {
    queue: true,
    reach: async (cell) => {
      await cell.api.request('/v2/images');
      await cell.take(cell.kind.ready);
      await cell.request();
    },
    isReached: ({ api }) => api.rateLimiter?.queued === 1,
  },
  'that was read to its end': { isOver: true, reach: (cell) => cell.exhaust() },
  'that has failed': {
    isOver: true,
    reach: async (cell) => {
      cell.server.isRefusing = true;
      await cell.exhaust();
    },
  },
};

export const REASON = { the: 'reason' };

/** How an iteration is ended. */
export interface End {
  /** Resolves when the caller sees that it has ended. */
  fire: (cell: Cell) => Promise<unknown>;
  /** What `next()` rejects with, the first time. */
  rejects?: (reason: unknown) => boolean;
  /** Whether it needs another item. */
  needsItem?: boolean;
}

async function takeOneAndLeave(items: Items): Promise<void> {
  for await (const item of items) if (item) break;
}

function destroyed(items: Items, error?: Error): Promise<unknown> {
  const stream = Readable.from(items).on('error', () => undefined);
  stream.read(0);
  return new Promise((resolve) => stream.once('close', resolve).destroy(error));
}

export const ENDS = {
  'an abort': {
    fire: ({ controller }) => {
      controller.abort(REASON);
      return Promise.resolve();
    },
    rejects: (reason) => reason === REASON,
  },
  'close()': { fire: ({ api }) => api.close(), rejects: (reason) => reason instanceof ClosedError },
  'return()': { fire: ({ items }) => items.return() },
  'throw()': { fire: ({ items }) => items.throw(REASON).catch((reason: unknown) => reason) },
  break: { needsItem: true, fire: ({ items }) => takeOneAndLeave(items) },
  'destroy() of a Readable': { fire: ({ items }) => destroyed(items) },
  'destroy(error) of a Readable': { fire: ({ items }) => destroyed(items, new Error('no more')) },
} satisfies Record<string, End>;

/** How a promise has settled, in a few turns of the event loop and no time of the clock. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  let seen: unknown = 'pending';
  promise.then(
    (value) => (seen = { value }),
    (error: unknown) => (seen = { error }),
  );
  for (let turn = 0; turn < 3; turn++) await settled();
  return seen;
}
