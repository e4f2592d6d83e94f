import { type JsonObject, Mismatch } from '../model/fields';
import type { Requester } from '../model/requester';
import type { PageRef } from './request-plan';

/** What is waited for: an action, or an image under import. */
export interface TargetRef {
  kind: 'action' | 'image';
  id: number;
  /** The image an action belongs to, where that is known. */
  image?: number | null;
}

/** A page of a list, as far as a look needs it. */
export interface ListPage {
  items: JsonObject[];
  /** The number of the list's last page, as far as it can be told. */
  lastPage: number;
}

/** The largest page the API gives. */
const PER_PAGE = 200;

/** Asks for one page of a list, with the least urgency. */
export function fetchListPage(
  api: Requester,
  { list, page }: PageRef,
  signal: AbortSignal,
): Promise<ListPage> {
  const path =
    list === 'images' ? '/v2/images' : list === 'actions' ? '/v2/actions' : `/v2/images/${list}/actions`;
  const key = list === 'images' ? 'images' : 'actions';
  return api.send(api.endpoint + path, {
    params: { private: list === 'images' ? true : undefined, page, per_page: PER_PAGE },
    signal,
    background: true,
    read: (body) => readPage(body, key, page),
  });
}

/** Asks for one thing alone. A token without `actions:read` gets an action from its image's own URL. */
export function fetchOne(api: Requester, target: TargetRef, signal: AbortSignal): Promise<JsonObject> {
  return api.send(api.endpoint + pathOf(api, target), {
    signal,
    background: true,
    read: (body) => {
      const json = at(body, target.kind);
      if (typeof json !== 'object' || json === null) throw new Mismatch(target.kind, 'an object', json);
      return json as JsonObject;
    },
  });
}

function pathOf(api: Requester, target: TargetRef): string {
  if (target.kind === 'image') return `/v2/images/${target.id}`;
  return scopeOfOne(api, target) === 'image:read'
    ? `/v2/images/${String(target.image)}/actions/${target.id}`
    : `/v2/actions/${target.id}`;
}

/** What a token needs for a page of that list. */
export function scopeOfList(list: PageRef['list']): string {
  return list === 'actions' ? 'actions:read' : 'image:read';
}

/** What a token needs to ask for one thing alone, the way it is going to be asked for. */
export function scopeOfOne(api: Requester, { kind, image }: TargetRef): string {
  const isImages = kind === 'image' || (typeof image === 'number' && api.deniedScopes.has('actions:read'));
  return isImages ? 'image:read' : 'actions:read';
}

function readPage(body: unknown, key: string, page: number): ListPage {
  const items = at(body, key);
  if (!Array.isArray(items)) throw new Mismatch(key, 'an array', items);
  const total = at(at(body, 'meta'), 'total');
  const hasNext = typeof at(at(at(body, 'links'), 'pages'), 'next') === 'string';
  return {
    items: items.filter((item) => typeof item === 'object' && item !== null) as JsonObject[],
    lastPage: lastPage(page, items.length, hasNext, typeof total === 'number' ? total : Infinity),
  };
}

/** A server may give less on a page than it was asked for: then the page itself says how much it gives. */
function lastPage(page: number, items: number, hasNext: boolean, total: number): number {
  if (hasNext) return Math.ceil(total / Math.max(1, items));
  if (items === PER_PAGE && total < Infinity) return Math.max(page, Math.ceil(total / PER_PAGE));
  return items === 0 ? page - 1 : page;
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as JsonObject)[key] : undefined;
}
