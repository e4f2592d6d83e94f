import type { Action } from './action';
import { Mismatch } from './model/fields';
import type { Fits } from './model/requester';

/** Whether a value of the response is the one that was sent; `null` when the API left it out. */
function isSame(actual: string | null, sent: unknown): boolean | null {
  return actual === null || actual === '' ? null : actual === sent;
}

/** `false` when one of them is, else `null` when one of them is. */
function all(...parts: readonly (boolean | null)[]): boolean | null {
  return parts.includes(false) ? false : parts.includes(null) ? null : true;
}

/** Names of action types that mean the same; older responses have another one for a convert. */
const TYPE_ALIASES: ReadonlyMap<unknown, string> = new Map([['convert_to_snapshot', 'convert']]);

/** The types of action whose answers name the type and the region as they were sent. */
const NAMED_AS_SENT: ReadonlySet<unknown> = new Set(['transfer', 'convert']);

/** What the request of an action says of it. */
type ActionRequest = Readonly<Record<string, unknown>>;

function isTypeOf({ type }: Pick<Action, 'type'>, sent: unknown): boolean | null {
  return isSame(TYPE_ALIASES.get(type) ?? type, TYPE_ALIASES.get(sent) ?? sent);
}

/** Upper and lower case are the same. */
function isRegionOf({ regionSlug }: Pick<Action, 'regionSlug'>, sent: unknown): boolean | null {
  return typeof sent !== 'string' || isSame(regionSlug?.toLowerCase() ?? null, sent.toLowerCase());
}

/** Whether an action is of the type and region of a request. */
export function fitsAction({ type, region }: ActionRequest): Fits {
  return (item) => all(isTypeOf(item as Action, type), isRegionOf(item as Action, region));
}

/**
 * Checks that the action in a response is the one that was asked for, as far as the response says.
 * @throws Mismatch naming the field
 */
export function checkStarted({ type, region }: ActionRequest, action: Action): Action {
  if (!NAMED_AS_SENT.has(type)) return action;
  if (isTypeOf(action, type) === false)
    throw new Mismatch('action.type', `${String(type)}, as asked for`, action.type);
  if (isRegionOf(action, region) === false)
    throw new Mismatch('action.region_slug', `${String(region)}, as asked for`, action.regionSlug);
  return action;
}

/** The fields of an image that an import decides. */
interface ImportedImage {
  name: string;
  type: string | null;
  regions: readonly string[];
  distribution: string | null;
  description: string;
  tags: readonly string[];
}

/** The request body of an import. */
interface ImportBody {
  name: string;
  region: string;
  distribution?: string | undefined;
  description?: string | undefined;
  tags?: readonly string[] | undefined;
}

/** The distribution of an image whose own is not known to the API. */
const UNKNOWN_DISTRIBUTION = 'Unknown';

/**
 * Whether an image has what a request has asked for. Name, type and region are as sent. Distribution, description and tags may
 * have been normalized, or changed since: where they differ, they do not tell.
 */
export function fitsImport(body: ImportBody): Fits {
  const { name, region, distribution, description, tags = [] } = body;
  return (item) => {
    const image = item as ImportedImage;
    const own = image.tags.map((tag) => tag.toLowerCase());
    const agrees =
      (distribution === undefined ||
        [distribution, UNKNOWN_DISTRIBUTION, null].includes(image.distribution)) &&
      image.description.trim() === (description ?? '').trim() &&
      tags.every((tag) => own.includes(tag.toLowerCase()));
    return all(
      isSame(image.name, name),
      image.type === null || image.type === 'custom',
      // It has no region before its import has ended.
      image.regions.length === 0 || image.regions.includes(region),
      agrees || null,
    );
  };
}

/** The fields of a Droplet that its creation decides. */
interface CreatedDroplet {
  name: string;
  sizeSlug: string | null;
  region: { slug: string } | null;
  image: { id: number; slug: string | null } | null;
  tags: readonly string[];
}

/**
 * Whether a Droplet has what a request has asked for. A region may be sent as a prefix, such as `nyc`. Without the scope for
 * them, images and tags are left out: then they do not tell.
 * @param body the request body
 */
export function fitsDroplet(name: string, body: Readonly<Record<string, unknown>>): Fits {
  const tags = (body.tags ?? []) as readonly string[];
  return (item) => {
    const droplet = item as CreatedDroplet;
    const own = droplet.tags.map((tag) => tag.toLowerCase());
    return all(
      isSame(droplet.name, name),
      isSame(droplet.sizeSlug, body.size),
      droplet.region?.slug.startsWith(String(body.region)) ?? null,
      droplet.image && [droplet.image.id, droplet.image.slug].includes(body.image as number | string),
      tags.every((tag) => own.includes(tag.toLowerCase())) || null,
    );
  };
}
