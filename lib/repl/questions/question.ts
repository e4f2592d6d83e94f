import { excerpt } from '../../util/text/sanitize';
import {
  asText,
  type GigabytesOf,
  dropletInQuestion,
  imageInQuestion,
  type NameOf,
  snapshotInQuestion,
  someOf,
} from './question-words';
import { gigabytesText } from '../show/text-layout';
import type { SessionChange } from '../session/session-client';

type Body = Readonly<Record<string, unknown>>;
/** @param part of the path that the pattern captures */
type Wording = (part: string, body: Body, nameOf: NameOf, gigabytesOf: GigabytesOf) => string;
/** @param droplet the Droplet, or all that have a tag */
type DropletWording = (droplet: string, body: Body, nameOf: NameOf) => string;

/** What DigitalOcean charges for: a snapshot or custom image by its size. Its copies in further regions cost nothing more. */
const CHARGED = '(charged per GB and month)';
/** A Droplet that is off has its price, too. */
const CHARGED_OFF = '(charged also while off)';

/** The question for each kind of change; the first that fits. */
const QUESTIONS: readonly (readonly [SessionChange['method'], RegExp, Wording])[] = [
  [
    'DELETE',
    /^\/v2\/images\/(\d+)$/,
    (id, _, nameOf) => `Delete ${imageInQuestion(id, nameOf)}, in all regions and for good?`,
  ],
  ['DELETE', /^\/v2\/images()$/, (_, { ids }, ...known) => pruneQuestion(ids, ...known)],
  [
    'DELETE',
    /^\/v2\/snapshots\/([\w-]+)$/,
    (id, _, nameOf) => `Delete ${snapshotInQuestion(id, nameOf)}, in all regions and for good?`,
  ],
  [
    'POST',
    /^\/v2\/images\/(\d+)\/actions$/,
    (id, body, nameOf) => imageActionQuestion(imageInQuestion(id, nameOf), body),
  ],
  [
    'POST',
    /^\/v2\/images\/(\d+)\/account_transfer$/,
    (id, { recipient_email: email, recipient_uuid: uuid }, nameOf) =>
      `Offer ${imageInQuestion(id, nameOf)} to ${asText(email ?? uuid)}? Once accepted, it leaves this account: a move, not a copy.`,
  ],
  [
    'POST',
    /^\/v2\/images\/(\d+)\/account_transfer\/accept$/,
    (id, _, nameOf) => `Accept ${imageInQuestion(id, nameOf)} ${CHARGED}?`,
  ],
  [
    'POST',
    /^\/v2\/images\/(\d+)\/account_transfer\/(?:cancel|decline)$/,
    (id, _, nameOf) => `End the offer of ${imageInQuestion(id, nameOf)}?`,
  ],
  [
    'PUT',
    /^\/v2\/images\/(\d+)$/,
    (id, body, nameOf) => `Change ${asText(Object.keys(body))} of ${imageInQuestion(id, nameOf)}?`,
  ],
  [
    'POST',
    /^\/v2\/images()$/,
    (_, { name, region }) => `Import ${asText(name)} into ${asText(region)} ${CHARGED}?`,
  ],
  ['POST', /^\/v2\/droplets()$/, (_, body, nameOf) => creationQuestion(body, nameOf)],
  [
    'POST',
    /^\/v2\/droplets\/(\d+)\/actions$/,
    (id, body, nameOf) => dropletActionQuestion(dropletInQuestion(id, nameOf), body, nameOf),
  ],
  [
    'POST',
    /^\/v2\/droplets\/actions\?(tag_name=[^&]+)$/,
    (query, body, nameOf) => dropletActionQuestion(tagged(query), body, nameOf),
  ],
  ['DELETE', /^\/v2\/droplets\/(\d+)$/, (id, _, nameOf) => deletionQuestion(dropletInQuestion(id, nameOf))],
  ['DELETE', /^\/v2\/droplets\?(tag_name=[^&]+)$/, (query) => deletionQuestion(tagged(query))],
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

/** The question for each type of action on a Droplet, or on all that have a tag. */
const DROPLET_ACTIONS: ReadonlyMap<unknown, DropletWording> = new Map<unknown, DropletWording>([
  ['snapshot', snapshotQuestion],
  [
    'rebuild',
    (droplet, { image }, nameOf) =>
      `Wipe the disk of ${droplet} and install ${imageInQuestion(image, nameOf)}?`,
  ],
  [
    'restore',
    (droplet, { image }, nameOf) =>
      `Wipe the disk of ${droplet} and put ${imageInQuestion(image, nameOf)} back?`,
  ],
  ['power_on', (droplet) => `Turn ${droplet} on?`],
  ['power_off', (droplet) => `Turn ${droplet} off at once, without a shutdown ${CHARGED_OFF}?`],
  ['power_cycle', (droplet) => `Turn ${droplet} off and on at once, without a shutdown?`],
  ['shutdown', (droplet) => `Shut ${droplet} down ${CHARGED_OFF}?`],
  ['reboot', (droplet) => `Reboot ${droplet}?`],
  [
    'resize',
    (droplet, { size, disk }) =>
      `Resize ${droplet}${disk === true ? ' and its disk, which cannot shrink again,' : ''} to ${asText(size)} (changes the price)?`,
  ],
  ['enable_backups', (droplet) => `Turn on backups of ${droplet} (charged in addition)?`],
  ['disable_backups', (droplet) => `Turn off backups of ${droplet} and delete those that exist?`],
  ['rename', (droplet, { name }) => `Rename ${droplet} to ${asText(name)}?`],
]);

/**
 * Words the question about a change. Names are in quotes if they could be taken for a part of the question.
 * @param nameOf the name of an image or Droplet, as far as the session knows it
 * @param gigabytesOf the size of an image, as far as the session knows it
 */
export function questionOf(
  { method, path, body }: SessionChange,
  nameOf: NameOf,
  gigabytesOf: GigabytesOf = () => null,
): string {
  const fields = typeof body === 'object' && body !== null ? body : {};
  for (const [only, pattern, wording] of QUESTIONS) {
    const part = only === method ? pattern.exec(path)?.[1] : undefined;
    if (part !== undefined) return wording(part, fields as Body, nameOf, gigabytesOf);
  }
  return `Send ${method} ${excerpt(path)}?`;
}

/** The ids are those of all images that a plan deletes. */
function pruneQuestion(ids: unknown, nameOf: NameOf, gigabytesOf: GigabytesOf): string {
  if (!Array.isArray(ids)) return 'Send DELETE /v2/images?';
  const all = ids.map(String);
  const gigabytes = all.reduce((sum, id) => sum + (gigabytesOf(id) ?? 0), 0);
  const count = all.length === 1 ? 'image' : `${all.length} images`;
  const names = someOf(all, (id) => imageInQuestion(id, nameOf));
  return `Delete ${count} (${gigabytesText(gigabytes)}) in all regions: ${names}? This cannot be undone.`;
}

function imageActionQuestion(image: string, { type, region }: Body): string {
  if (type === 'transfer') return `Copy ${image} to ${asText(region)}?`;
  if (type === 'convert') return `Convert ${image} to a snapshot ${CHARGED}?`;
  return `Start ${asText(type)} on ${image}?`;
}

function dropletActionQuestion(droplet: string, body: Body, nameOf: NameOf): string {
  const { type } = body;
  return DROPLET_ACTIONS.get(type)?.(droplet, body, nameOf) ?? `Start ${asText(type)} on ${droplet}?`;
}

/** The body is that of `takeSnapshot`, which may send more than the snapshot. */
function snapshotQuestion(droplet: string, { name, power_off: powerOff, reuse }: Body): string {
  const unless = reuse === true ? `, unless it has one named ${asText(name)},` : '';
  return powerOff === true
    ? `Shut ${droplet} down, take a snapshot${unless} and turn it on again ${CHARGED}?`
    : `Take a snapshot of ${droplet}${unless} ${CHARGED}?`;
}

function deletionQuestion(droplets: string): string {
  return `Delete ${droplets} with all backups, for good (snapshots stay, and stay charged)?`;
}

function creationQuestion(body: Body, nameOf: NameOf): string {
  const { name, names, image, region, size, backups } = body;
  const all: readonly unknown[] = Array.isArray(names) ? names : [name];
  const parts = [
    all.length === 1 ? `Create Droplet ${asText(all)}` : `Create ${all.length} Droplets, ${someOf(all)},`,
    image === undefined ? '' : ` from ${imageInQuestion(image, nameOf)}`,
    region === undefined ? '' : ` in ${asText(region)}`,
    size === undefined ? '' : ` of size ${asText(size)}`,
    backups === true ? ' with backups, which are charged in addition' : '',
    ` (charged until deleted, also while off)?`,
  ];
  return parts.join('');
}

/** @param query `tag_name=web` */
function tagged(query: string): string {
  return `all Droplets with the tag ${asText(new URLSearchParams(query).get('tag_name'))}`;
}

/** The body of a change of tags lists its resources. */
function resourceNames({ resources }: Body, nameOf: NameOf): string {
  if (!Array.isArray(resources)) return asText(resources);
  return (resources as Partial<Record<'resource_id' | 'resource_type', unknown>>[])
    .map(({ resource_id: id, resource_type: type }) => {
      if (type === 'image') return imageInQuestion(id, nameOf);
      return type === 'droplet' ? dropletInQuestion(String(id), nameOf) : `${asText(type)} ${asText(id)}`;
    })
    .join(', ');
}
