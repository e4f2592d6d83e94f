import { excerpt } from '../../util/text/sanitize';
import type { SessionChange } from './session-client';

type NameOf = (imageId: number) => string | null;
/** @param part of the path that the pattern captures */
type Wording = (part: string, body: Readonly<Record<string, unknown>>, nameOf: NameOf) => string;

/** What DigitalOcean charges for: a snapshot or custom image by its size. Its copies in further regions cost nothing more. */
const CHARGED = '(charged per GB and month)';

/** The question for each kind of change; the first that fits. */
const QUESTIONS: readonly (readonly [SessionChange['method'], RegExp, Wording])[] = [
  [
    'DELETE',
    /^\/v2\/images\/(\d+)$/,
    (id, _, nameOf) => `Delete ${imageName(id, nameOf)}, in all regions and for good?`,
  ],
  [
    'DELETE',
    /^\/v2\/images()$/,
    (_, { ids }) => `Delete ${Array.isArray(ids) ? ids.length : 'all'} images, in all regions and for good?`,
  ],
  [
    'POST',
    /^\/v2\/images\/(\d+)\/actions$/,
    (id, body, nameOf) => actionQuestion(imageName(id, nameOf), body),
  ],
  [
    'PUT',
    /^\/v2\/images\/(\d+)$/,
    (id, body, nameOf) => `Change ${asText(Object.keys(body))} of ${imageName(id, nameOf)}?`,
  ],
  [
    'POST',
    /^\/v2\/images()$/,
    (_, { name, region }) => `Import ${asText(name)} into ${asText(region)} ${CHARGED}?`,
  ],
  [
    'POST',
    /^\/v2\/droplets\/(\d+)\/actions$/,
    (id, { type }) =>
      type === 'snapshot'
        ? `Take a snapshot of Droplet ${id} ${CHARGED}?`
        : `Start ${asText(type)} on Droplet ${id}?`,
  ],
  [
    'POST',
    /^\/v2\/tags\/([^/]+)\/resources$/,
    (tag, body, nameOf) => `Add the tag ${asText(tag)} to ${resourceNames(body, nameOf)}?`,
  ],
  [
    'DELETE',
    /^\/v2\/tags\/([^/]+)\/resources$/,
    (tag, body, nameOf) => `Remove the tag ${asText(tag)} from ${resourceNames(body, nameOf)}?`,
  ],
  ['POST', /^\/v2\/tags()$/, (_, { name }) => `Create the tag ${asText(name)}?`],
];

/**
 * Words the question about a change. Names are in quotes if they could be taken for a part of the question.
 * @param nameOf the name of an image, as far as the session knows it
 */
export function questionOf({ method, path, body }: SessionChange, nameOf: NameOf): string {
  const fields = typeof body === 'object' && body !== null ? body : {};
  for (const [only, pattern, wording] of QUESTIONS) {
    const part = only === method ? pattern.exec(path)?.[1] : undefined;
    if (part !== undefined) return wording(part, fields as Record<string, unknown>, nameOf);
  }
  return `Send ${method} ${excerpt(path)}?`;
}

function actionQuestion(image: string, { type, region }: Readonly<Record<string, unknown>>): string {
  if (type === 'transfer') return `Copy ${image} to ${asText(region)}?`;
  if (type === 'convert') return `Convert ${image} to a snapshot ${CHARGED}?`;
  return `Start ${asText(type)} on ${image}?`;
}

function imageName(id: string, nameOf: NameOf): string {
  const name = nameOf(Number(id));
  return name === null ? `image ${asText(id)}` : `${nameInQuestion(name)} (${id})`;
}

/** The body of a change of tags lists its resources. */
function resourceNames({ resources }: Readonly<Record<string, unknown>>, nameOf: NameOf): string {
  if (!Array.isArray(resources)) return asText(resources);
  return (resources as Partial<Record<'resource_id' | 'resource_type', unknown>>[])
    .map(({ resource_id: id, resource_type: type }) =>
      type === 'image' ? imageName(asText(id), nameOf) : `${asText(type)} ${asText(id)}`,
    )
    .join(', ');
}

const PLAIN_NAME = /^[\p{L}\p{M}\p{N}_.:@+-]+(?: [\p{L}\p{M}\p{N}_.:@+-]+)*$/u;

/** A name, in quotes if it could be taken for a part of the question. */
export function nameInQuestion(name: string): string {
  const shown = excerpt(name);
  return PLAIN_NAME.test(shown) ? shown : JSON.stringify(shown);
}

function asText(value: unknown): string {
  return Array.isArray(value) ? value.map(asText).join(', ') : nameInQuestion(String(value));
}
