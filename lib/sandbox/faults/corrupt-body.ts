import type { Reply } from '../routes/route-handler';

type Json = Readonly<Record<string, unknown>>;

/** A copy of the body of a reply, as the caller reads it. */
export function bodyOf(reply: Reply): Json {
  return structuredClone(reply.body ?? {});
}

/** Gives every field of the resource, or of each resource of a list, a value of another type. */
export function withWrongTypes(reply: Reply): Reply {
  return changeRoot(reply, (root) =>
    Array.isArray(root) ? root.map(withWrongFields) : withWrongFields(root),
  );
}

/** Puts the resource under another key. */
export function withOtherRoot(reply: Reply): Reply {
  const [root, ...others] = Object.entries(bodyOf(reply));
  return root ? { ...reply, body: Object.fromEntries([['data', root[1]], ...others]) } : reply;
}

/** Makes the link to the next page of a list lead to another host. A list of one page gets such a link too. */
export function withForeignLink(reply: Reply, to: string): Reply {
  const body = bodyOf(reply);
  if (!Object.hasOwn(body, 'meta')) return reply;
  const links = Object(body.links) as { pages?: object };
  return { ...reply, body: { ...body, links: { pages: { ...links.pages, next: to, last: to } } } };
}

function changeRoot(reply: Reply, change: (value: unknown) => unknown): Reply {
  const [root, ...others] = Object.entries(bodyOf(reply));
  return root ? { ...reply, body: Object.fromEntries([[root[0], change(root[1])], ...others]) } : reply;
}

function withWrongFields(resource: unknown): unknown {
  const fields = Object.entries(Object(resource) as Json);
  return Object.fromEntries(fields.map(([name, value]) => [name, wrongType(value)]));
}

function wrongType(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.length;
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? { length: value.length } : [value];
}
