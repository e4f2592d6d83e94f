import { NotFoundError, PermissionDeniedError, UnexpectedResponseError } from '../errors/errors';
import type { JsonObject } from '../model/fields';
import type { TargetRef } from '../model/wait-target';
import { SharedAbort } from '../util/abort';
import { forEachConcurrently } from '../util/concurrency';
import { ListPositions } from './list-positions';
import { listAt, scopeOfList } from './poll-lists';
import { fetchListPage, fetchOne, type PollApi, scopeOfOne } from './poll-requests';
import type { PollResult } from './poll-result';
import { type SearchedPage, summarizePage } from './page-search';
import { type ExpectedPages, keyOf, type PageRef, planRequests } from './request-plan';

/** Requests of one round under way at a time. */
const CONCURRENCY = 8;

/** Up to this many new targets that no list shows yet are requested one by one. */
const FEW = 5;

/** What a round needs to know of what it polls. */
export interface Pollable {
  readonly ref: TargetRef;
  readonly positions: ListPositions;
  /** Whether it was just made, so that lists may not show it yet. */
  readonly isNew: boolean;
}

/** Everything that a page may show, by kind and id, whether it is due or not. */
export type PollableIndex<T> = Readonly<Record<TargetRef['kind'], ReadonlyMap<unknown, T>>>;

/** What a round has cost, for everything it polls. */
export interface RoundCost {
  /** When it began, on the clock. */
  at: number;
  requests: number;
}

/** One poll of everything that is due, with the fewest requests that show all of it. */
export class PollRound<T extends Pollable> {
  readonly cost: RoundCost;
  /** What is still to be reported, with the requests that may show it. */
  private readonly open = new Map<T, SharedAbort[]>();
  private readonly seen = new Set<T>();
  /** The pages read so far, by list. */
  private readonly pages = new Map<PageRef['list'], SearchedPage[]>();
  /** The 403s so far, by scope: a scope is refused once a round. */
  private readonly refusals = new Map<string, PermissionDeniedError>();
  private readonly api: PollApi;

  /** @param report called with each result; also for what is not due but stands on a page that was read */
  constructor(
    api: PollApi,
    private readonly index: PollableIndex<T>,
    private readonly report: (target: T, result: PollResult) => void,
  ) {
    // For the rest of the round, what is refused counts as denied, even if it was not DigitalOcean that refused it.
    const { deniedScopes } = api;
    this.api = {
      endpoint: api.endpoint,
      clock: api.clock,
      send: (url, call) => api.send(url, call),
      deniedScopes: {
        has: (scope) => this.refusals.has(scope) || deniedScopes.has(scope),
        add: (scope, error) => deniedScopes.add(scope, error),
      },
    };
    this.cost = { at: api.clock.now(), requests: 0 };
  }

  /** Polls until everything due is reported or released. Never rejects: failures are reported. */
  async run(due: readonly T[]): Promise<void> {
    for (const target of due) this.open.set(target, []);
    try {
      ListPositions.guessPages(due.map(({ positions }) => positions));
      while (this.open.size > 0) {
        // To search more pages than there are targets would cost more than to request each of them.
        if (this.cost.requests > due.length)
          for (const { positions } of this.open.keys()) positions.avoidAll(this.now);
        await this.sendRequests();
        this.searchOn();
      }
    } catch (error) {
      // Unexpected: without a result, the same targets would be due again at once, and meet the same error.
      for (const target of [...this.open.keys()]) this.settle(target, { kind: 'failed', error });
    }
  }

  /** Reports nothing more of a target than what pages show by the way, and aborts requests that serve no other one. */
  release(target: T): void {
    const requests = this.open.get(target);
    this.open.delete(target);
    for (const request of requests ?? []) request.release();
  }

  private async sendRequests(): Promise<void> {
    const wanted = [...this.open.keys()].map((target) => ({
      target,
      ...target.positions.expectedPages(this.api.deniedScopes, this.now),
    }));
    const { pages, singles } = planRequests(wanted);
    const expected = byPage(wanted);
    await forEachConcurrently([...pages, ...singles], CONCURRENCY, (request) =>
      isPage(request)
        ? this.pollPage(request, expected.get(keyOf(request)) ?? [])
        : this.pollOne(request.target),
    );
  }

  private async pollPage(ref: PageRef, expected: readonly T[]): Promise<void> {
    const { list, page } = ref;
    const signal = this.signalFor(expected);
    if (!signal) return;
    try {
      const { items, lastPage } = await this.send(scopeOfList(list), () =>
        fetchListPage(this.api, ref, signal),
      );
      const targets = this.index[listAt(list).kind];
      for (const json of items) this.see(targets.get(json.id), json, ref);
      const ids = items.flatMap(({ id }) => (typeof id === 'number' ? [id] : []));
      const read = summarizePage(page, ids, lastPage);
      this.pages.set(list, [...(this.pages.get(list) ?? []), read]);
    } catch (error) {
      const isListUseless = [PermissionDeniedError, NotFoundError, UnexpectedResponseError].some(
        (type) => error instanceof type,
      );
      for (const target of expected) {
        if (!this.open.has(target)) continue;
        if (isListUseless) target.positions.avoid(list, this.now);
        else this.settle(target, { kind: 'failed', error });
      }
    }
  }

  private async pollOne(target: T): Promise<void> {
    const scope = scopeOfOne(this.api, target.ref);
    const signal = this.signalFor([target]);
    if (!signal) return;
    try {
      this.see(target, await this.send(scope, () => fetchOne(this.api, target.ref, signal)), null);
    } catch (error) {
      if (!this.open.has(target)) return;
      // The resource's own URL needs another scope: it is tried next.
      const isElsewhere =
        error instanceof PermissionDeniedError && !this.refusals.has(scopeOfOne(this.api, target.ref));
      if (!isElsewhere) this.settle(target, { kind: 'failed', error });
    }
  }

  /** A signal that aborts once every one of `targets` is released; `null` when they are already. */
  private signalFor(targets: readonly T[]): AbortSignal | null {
    const requestsOf = targets
      .map((target) => this.open.get(target))
      .filter((requests) => requests !== undefined);
    if (requestsOf.length === 0) return null;
    const request = new SharedAbort(requestsOf.length);
    for (const requests of requestsOf) requests.push(request);
    return request.signal;
  }

  private async send<R>(scope: string, request: () => Promise<R>): Promise<R> {
    const refusal = this.refusals.get(scope);
    if (refusal) throw refusal;
    this.cost.requests += 1;
    try {
      return await request();
    } catch (error) {
      if (error instanceof PermissionDeniedError) {
        this.refusals.set(scope, error);
        this.api.deniedScopes.add(scope, error);
      }
      throw error;
    }
  }

  /** Two pages of a round may show the same target: it is reported once. */
  private see(target: T | undefined, json: JsonObject, page: PageRef | null): void {
    if (!target) return;
    if (page) target.positions.foundOn(page);
    if (this.seen.has(target)) return;
    this.seen.add(target);
    this.settle(target, { kind: 'seen', json });
  }

  private settle(target: T, result: PollResult): void {
    this.release(target);
    this.report(target, result);
  }

  /** What is not where it was expected may be on another page, or in no list yet. */
  private searchOn(): void {
    const lost = [...this.open.keys()]
      .map((target) => ({ target, lists: target.positions.searchOn(this.pages, this.now) }))
      .filter(({ lists }) => lists.length > 0);
    for (const { target, lists } of lost) {
      // To request each of many new targets would be a burst; the lists will show them soon.
      if (lost.length > FEW && target.isNew) this.settle(target, { kind: 'unseen' });
      else for (const list of lists) target.positions.avoid(list, this.now);
    }
  }

  private get now(): number {
    return this.api.clock.now();
  }
}

/** What is expected on each page, by the key of the page. */
function byPage<T>(wanted: readonly (ExpectedPages & { target: T })[]): Map<string, T[]> {
  const byKey = new Map<string, T[]>();
  for (const { account, parent, target } of wanted) {
    for (const page of [account, parent]) {
      if (!page) continue;
      const targets = byKey.get(keyOf(page));
      if (targets) targets.push(target);
      else byKey.set(keyOf(page), [target]);
    }
  }
  return byKey;
}

/** Not `in`, which also finds what Object.prototype was given. */
function isPage(request: object): request is PageRef {
  return Object.hasOwn(request, 'list');
}
