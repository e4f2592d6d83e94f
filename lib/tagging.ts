import { checkTag } from './util/validate';
import { NotFoundError, PermissionDeniedError } from './errors/errors';
import type { CallOptions, Method, Requester } from './model/requester';

/** What can be tagged. */
export interface Taggable {
  /** As the API names it, such as `image`. */
  type: string;
  id: number;
  /** @throws NotFoundError when it no longer exists */
  fetch: (options: CallOptions) => Promise<unknown>;
}

/**
 * Adds a tag. Creates the tag if it does not exist.
 * @throws NotFoundError when the resource no longer exists; then no tag is created, if the token may read the resource
 */
export async function tagResource(
  api: Requester,
  resource: Taggable,
  name: string,
  call: CallOptions,
): Promise<void> {
  try {
    await sendTag(api, resource, name, 'POST', call);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    // The 404 does not say which one is missing: the tag or the resource.
    await resource.fetch(call).catch((reason: unknown) => {
      if (!(reason instanceof PermissionDeniedError)) throw reason;
    });
    const create = { ...call, method: 'POST', body: { name }, idempotent: true } as const;
    await api.send(`${api.endpoint}/v2/tags`, { ...create, read: () => undefined });
    await sendTag(api, resource, name, 'POST', call);
  }
}

/** Removes a tag. @throws NotFoundError when the tag does not exist */
export function untagResource(
  api: Requester,
  resource: Taggable,
  name: string,
  call: CallOptions,
): Promise<void> {
  return sendTag(api, resource, name, 'DELETE', call);
}

function sendTag(
  api: Requester,
  { type, id }: Taggable,
  name: string,
  method: Method,
  call: CallOptions,
): Promise<void> {
  return api.send(`${api.endpoint}/v2/tags/${checkTag('name', name)}/resources`, {
    ...call,
    method,
    body: { resources: [{ resource_id: String(id), resource_type: type }] },
    idempotent: true,
    read: () => undefined,
  });
}
