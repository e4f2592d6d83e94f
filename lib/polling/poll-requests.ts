import { type JsonObject, Mismatch } from '../model/fields';
import { checkAsked } from '../model/resource';
import type { Requester } from '../model/requester';
import type { TargetRef } from '../model/wait-target';
import { MAX_PER_PAGE, readPageResponse } from '../pagination/page-response';
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
  const path =
    list === 'images' ? '/v2/images' : list === 'actions' ? '/v2/actions' : `/v2/images/${list}/actions`;
  const key = list === 'images' ? 'images' : 'actions';
  return api.send(api.endpoint + path, {
    params: { private: list === 'images' ? true : undefined, page, per_page: MAX_PER_PAGE },
    signal,
    background: true,
    read: (body) => {
      const { items, total, hasNext } = readPageResponse(body, key, (json) => {
        if (typeof list === 'number') checkAsked(Object(json) as JsonObject, { resource_id: list });
        return json;
      });
      return {
        items: items.filter((item) => typeof item === 'object' && item !== null) as JsonObject[],
        lastPage: lastPageOf({ page, size: items.length, hasNext, total: total ?? Infinity }),
      };
    },
  });
}

/** Requests one target by itself. A token without `actions:read` gets an action from its image's own URL. */
export function fetchOne(api: PollApi, ref: TargetRef, signal: AbortSignal): Promise<JsonObject> {
  return api.send(api.endpoint + pathOfOne(api, ref), {
    signal,
    background: true,
    read: (body) => {
      const json = (body as JsonObject | null)?.[ref.kind];
      if (typeof json !== 'object' || json === null) throw new Mismatch(ref.kind, 'an object', json);
      try {
        checkAsked(json as JsonObject, { id: ref.id, resource_id: ref.image ?? null });
      } catch (error) {
        throw error instanceof Mismatch ? error.within(ref.kind) : error;
      }
      return json as JsonObject;
    },
  });
}

function pathOfOne(api: PollApi, ref: TargetRef): string {
  if (ref.kind === 'image') return `/v2/images/${ref.id}`;
  return scopeOfOne(api, ref) === 'image:read'
    ? `/v2/images/${String(ref.image)}/actions/${ref.id}`
    : `/v2/actions/${ref.id}`;
}

/** The scope that a page of the list needs. */
export function scopeOfList(list: PageRef['list']): string {
  return list === 'actions' ? 'actions:read' : 'image:read';
}

/** The scope that `fetchOne` needs. */
export function scopeOfOne(api: Pick<PollApi, 'deniedScopes'>, { kind, image }: TargetRef): string {
  const isUnderImage =
    kind === 'image' || (typeof image === 'number' && api.deniedScopes.has('actions:read'));
  return isUnderImage ? 'image:read' : 'actions:read';
}

/** A server may put less on a page than requested: then the page itself shows how much that is. */
function lastPageOf(read: { page: number; size: number; hasNext: boolean; total: number }): number {
  const { page, size, hasNext, total } = read;
  if (hasNext) return Math.ceil(total / Math.max(1, size));
  if (size === MAX_PER_PAGE && total < Infinity) return Math.max(page, Math.ceil(total / MAX_PER_PAGE));
  return size === 0 ? page - 1 : page;
}
