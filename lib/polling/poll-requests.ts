import { type JsonObject, Mismatch } from '../model/fields';
import { checkAsked } from '../model/resource';
import type { Requester } from '../model/requester';
import type { TargetRef } from '../model/wait-target';
import { MAX_PER_PAGE, readPageResponse } from '../pagination/page-response';
import { accountListOf, listAt, resourceIdOf, scopeOfList, scopeOfParent } from './poll-lists';
import type { PageRef } from './request-plan';

/** What polling needs of a manager. */
export type PollApi = Pick<Requester, 'endpoint' | 'clock' | 'deniedScopes' | 'send'>;

/** A page of a list, as far as a poll needs it. */
export interface ListPage {
  items: JsonObject[];
  /** The number of the list's last page, as far as is known. */
  lastPage: number;
}

/** Requests one page of a list, in the background. */
export function fetchListPage(api: PollApi, { list, page }: PageRef, signal: AbortSignal): Promise<ListPage> {
  const { key, params } = listAt(list);
  const asked = { resource_id: resourceIdOf(list) };
  return api.send(`${api.endpoint}/v2/${list}`, {
    params: { ...params, page, per_page: MAX_PER_PAGE },
    signal,
    background: true,
    read: (body) => {
      const { items, total, hasNext } = readPageResponse(body, key, (json) => {
        checkAsked(Object(json) as JsonObject, asked);
        return json;
      });
      return {
        items: items.filter((item) => typeof item === 'object' && item !== null) as JsonObject[],
        lastPage: lastPageOf({ page, size: items.length, hasNext, total: total ?? Infinity }),
      };
    },
  });
}

/** Requests one target by itself. */
export function fetchOne(api: PollApi, ref: TargetRef, signal: AbortSignal): Promise<JsonObject> {
  return api.send(api.endpoint + pathOfOne(api, ref), {
    signal,
    background: true,
    read: (body) => {
      const json = (body as JsonObject | null)?.[ref.kind];
      if (typeof json !== 'object' || json === null) throw new Mismatch(ref.kind, 'an object', json);
      try {
        checkAsked(json as JsonObject, { id: ref.id, resource_id: resourceIdOf(ref.parent) });
      } catch (error) {
        throw error instanceof Mismatch ? error.within(ref.kind) : error;
      }
      return json as JsonObject;
    },
  });
}

function pathOfOne(api: PollApi, ref: TargetRef): string {
  const { kind, id, parent } = ref;
  return isUnderParent(api, ref) ? `/v2/${String(parent)}/actions/${id}` : `/v2/${kind}s/${id}`;
}

/** A token without `actions:read` gets an action from its resource's own URL. */
function isUnderParent(
  { deniedScopes }: Pick<PollApi, 'deniedScopes'>,
  { kind, parent }: TargetRef,
): boolean {
  return kind === 'action' && parent != null && deniedScopes.has('actions:read');
}

/** The scope that `fetchOne` needs. */
export function scopeOfOne(api: Pick<PollApi, 'deniedScopes'>, ref: TargetRef): string {
  return isUnderParent(api, ref) ? scopeOfParent(ref.parent ?? '') : scopeOfList(accountListOf(ref));
}

/** A server may put less on a page than requested: then the page itself shows how much that is. */
function lastPageOf(read: { page: number; size: number; hasNext: boolean; total: number }): number {
  const { page, size, hasNext, total } = read;
  if (hasNext) return Math.ceil(total / Math.max(1, size));
  if (size === MAX_PER_PAGE && total < Infinity) return Math.max(page, Math.ceil(total / MAX_PER_PAGE));
  return size === 0 ? page - 1 : page;
}
