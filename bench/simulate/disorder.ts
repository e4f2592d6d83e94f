import { sleep } from '../../lib/util/clock';
import type { TransportAdapter } from '../../lib';
import { type ActionJson, anAction, type Sandbox, VIRTUAL_START } from '../../lib/sandbox';

/** The order of a list; in the worst case another one for each request. */
export type Order = 'newest first' | 'oldest first' | 'shuffled' | 'shuffled each time';

export const ORDERS: readonly Order[] = ['newest first', 'oldest first', 'shuffled', 'shuffled each time'];

/** How a list may be in disorder without being wrong. */
export interface Disorder {
  order: Order;
  /** The number of other actions in the list. */
  noise?: number | (() => number);
  /** For how many milliseconds a new action cannot be found. */
  hidden?: (id: number) => number;
  /** The share of entries that a list omits, from 0 to 1. */
  leavesOut?: number;
  /** The longest time of a response, in milliseconds. */
  latency?: number;
}

const IS_LIST = /^\/v2\/(?:images\/(\d+)\/)?actions$/;
const IS_ONE = /\/actions\/(\d+)$/;

/** A transport to the sandbox that puts its lists of actions in disorder. */
export function disorderly(sandbox: Sandbox, disorder: Disorder, random: () => number): TransportAdapter {
  const { order, noise = 0, hidden = () => 0, leavesOut = 0, latency = 0 } = disorder;
  const others: ActionJson[] = [];
  const othersBy = (count: number): ActionJson[] => {
    for (let next = others.length; next < count; next++)
      others.push(anAction({ id: 900_001 + next, resource_type: 'droplet', resource_id: 1, type: 'create' }));
    return others;
  };
  const positions = new Map<number, number>();
  const isHidden = (id: number): boolean => sandbox.clock.date() - VIRTUAL_START < hidden(id);
  const inOrder = (all: ActionJson[]): ActionJson[] => {
    for (const { id } of all)
      if (order === 'shuffled each time' || !positions.has(id)) positions.set(id, random());
    const key = ({ id }: ActionJson): number =>
      order === 'newest first' ? -id : order === 'oldest first' ? id : (positions.get(id) ?? 0);
    return all.sort((a, b) => key(a) - key(b));
  };
  return async (request) => {
    if (latency > 0) await sleep(sandbox.clock, latency * random(), request.signal);
    const response = await sandbox.adapter(request);
    const { pathname, searchParams } = new URL(request.url);
    if (response.status !== 200 || request.method !== 'GET') return response;
    const one = IS_ONE.exec(pathname);
    if (one && isHidden(Number(one[1]))) return { ...response, ...NOT_FOUND };
    const list = IS_LIST.exec(pathname);
    if (!list) return response;
    const image = list[1] === undefined ? null : Number(list[1]);
    const all = [...sandbox.actions, ...othersBy(typeof noise === 'number' ? noise : noise())].filter(
      (action) => image === null || (action.resource_type === 'image' && action.resource_id === image),
    );
    const shown = inOrder(all.filter(({ id }) => !isHidden(id)));
    const [page, size] = [Number(searchParams.get('page') ?? 1), Number(searchParams.get('per_page') ?? 20)];
    const actions = shown.slice((page - 1) * size, page * size).filter(() => random() >= leavesOut);
    const links = page * size < shown.length ? { pages: { next: `${request.url}&next` } } : {};
    return { ...response, body: JSON.stringify({ actions, links, meta: { total: shown.length } }) };
  };
}

const NOT_FOUND = {
  status: 404,
  body: JSON.stringify({ id: 'not_found', message: 'The resource you were accessing could not be found.' }),
};
