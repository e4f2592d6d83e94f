import { excerpt } from '../../util/text/sanitize';

/** What has an id and a name. A snapshot of a Droplet is an image with the same id; the id of a volume's is a UUID. */
export type NamedKind = 'image' | 'droplet';

/** The name of an image or Droplet, as far as the session knows it. */
export type NameOf = (kind: NamedKind, id: string) => string | null;

/** The size of an image in gigabytes, as far as the session knows it. */
export type GigabytesOf = (id: string) => number | null;

const PLAIN_NAME = /^[\p{L}\p{M}\p{N}_.:@+-]+(?: [\p{L}\p{M}\p{N}_.:@+-]+)*$/u;

/** A name, in quotes if it could be taken for a part of the question. */
export function nameInQuestion(name: string): string {
  const shown = excerpt(name);
  return PLAIN_NAME.test(shown) ? shown : JSON.stringify(shown);
}

export function asText(value: unknown): string {
  return Array.isArray(value) ? value.map(asText).join(', ') : nameInQuestion(String(value));
}

/** How many names a question has at most. */
const MAX_NAMES = 3;

/** The first items, and how many more. @param textOf the text of an item in a question */
export function someOf<T>(items: readonly T[], textOf: (item: T) => string = asText): string {
  const shown = items.slice(0, MAX_NAMES).map(textOf).join(', ');
  return items.length > MAX_NAMES ? `${shown} and ${items.length - MAX_NAMES} more` : shown;
}

/** `web-00 (5)`, or `image 5` without a name. A value that is no id, such as a slug, stays as it is. */
export function imageInQuestion(image: unknown, nameOf: NameOf): string {
  const id = String(image);
  if (!/^\d+$/.test(id)) return asText(image);
  return named('image', id, nameOf) ?? `image ${id}`;
}

/** `snapshot nightly (5)`, or `snapshot 5` without a name. */
export function snapshotInQuestion(id: string, nameOf: NameOf): string {
  return `snapshot ${named('image', id, nameOf) ?? asText(id)}`;
}

/** `Droplet web-1 (5)`, or `Droplet 5` without a name. */
export function dropletInQuestion(id: string, nameOf: NameOf): string {
  return `Droplet ${named('droplet', id, nameOf) ?? asText(id)}`;
}

function named(kind: NamedKind, id: string, nameOf: NameOf): string | null {
  const name = nameOf(kind, id);
  return name === null ? null : `${nameInQuestion(name)} (${asText(id)})`;
}
