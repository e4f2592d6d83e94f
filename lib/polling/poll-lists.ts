import type { TargetRef } from '../model/wait-target';

/** A list that shows many targets at once. */
interface PollList {
  /** The key of its items in a response. */
  key: 'actions' | 'images' | 'droplets';
  kind: TargetRef['kind'];
  scope: string;
  params?: Readonly<Record<string, boolean>>;
}

/** The lists of the account, by path. */
const ACCOUNT_LISTS: Readonly<Record<string, PollList>> = {
  actions: { key: 'actions', kind: 'action', scope: 'actions:read' },
  images: { key: 'images', kind: 'image', scope: 'image:read', params: { private: true } },
  droplets: { key: 'droplets', kind: 'droplet', scope: 'droplet:read' },
};

/** The list with this path; any other path is that of a resource's actions, such as `images/5/actions`. */
export function listAt(path: string): PollList {
  return ACCOUNT_LISTS[path] ?? { key: 'actions', kind: 'action', scope: scopeOfParent(path) };
}

export function scopeOfList(path: string): string {
  return listAt(path).scope;
}

/** The list of the account that shows the target. */
export function accountListOf({ kind }: TargetRef): string {
  return `${kind}s`;
}

/** The list of its resource that shows the target; `null` when there is none. */
export function parentListOf({ parent }: TargetRef): string | null {
  return parent == null ? null : `${parent}/actions`;
}

/** The scope that a resource and its actions need. @param path begins with the path of the resource */
export function scopeOfParent(path: string): string {
  return path.startsWith('droplets/') ? 'droplet:read' : 'image:read';
}

/** The id of the resource whose path begins `path`, such as 5 of `images/5/actions`; `null` for a list of the account. */
export function resourceIdOf(path: string | null | undefined): number | null {
  const id = path?.split('/')[1];
  return id === undefined ? null : Number(id);
}
