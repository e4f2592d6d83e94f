import type { Reply } from '../routes/route-handler';

type Json = Readonly<Record<string, unknown>>;

/** The body of a reply as the caller will read it; shares nothing with the world. */
export function bodyOf(reply: Reply): Json {
  return structuredClone(reply.body ?? {});
}

/** Every field of the first resource gets a value of another type. */
export function withWrongTypes(reply: Reply): Reply {
  return inRoot(reply, (root) => (Array.isArray(root) ? root.map(wrongFields) : wrongFields(root)));
}

/** The resource stands under another name. */
export function withOtherRoot(reply: Reply): Reply {
  const [root, ...others] = Object.entries(bodyOf(reply));
  return root ? { ...reply, body: Object.fromEntries([['data', root[1]], ...others]) } : reply;
}

/** The link to the next page leads to another host; an answer without pages gets one as well. */
export function withForeignLink(reply: Reply, to: string): Reply {
  const body = bodyOf(reply);
  if (!('meta' in body)) return reply;
  const links = Object(body.links) as { pages?: object };
  return { ...reply, body: { ...body, links: { pages: { ...links.pages, next: to, last: to } } } };
}

function inRoot(reply: Reply, change: (value: unknown) => unknown): Reply {
  const [root, ...others] = Object.entries(bodyOf(reply));
  return root ? { ...reply, body: Object.fromEntries([[root[0], change(root[1])], ...others]) } : reply;
}

function wrongFields(resource: unknown): unknown {
  const fields = Object.entries(Object(resource) as Json);
  return Object.fromEntries(fields.map(([name, value]) => [name, wrong(value)]));
}

function wrong(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.length;
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? { length: value.length } : [value];
}
