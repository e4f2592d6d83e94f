import { ACT_OPTIONS, type ActOptions } from './actionable';
import { Image } from './image';
import type { NewDropletOfImage } from './new-droplet';
import type { JsonObject } from './model/fields';
import { type RegionLike, regionSlugOf } from './region';
import { GROUP_WAIT_OPTIONS } from './polling/wait-options';
import { nestedOptions } from './util/options/validate-options';
import { checkId, checkSegment, checkValue, defineCheck, is, isId } from './util/validate';

/** An image as methods of Droplets accept it: its id, its slug, or an Image. */
export type ImageLike = number | string | Image;

/** A Droplet to create with `api.createDroplet()`. */
export interface NewDroplet extends Omit<NewDropletOfImage, 'region'> {
  /** A slug or a Region that has the image. */
  region: RegionLike;
  /** What it is created from: an id, a slug or an Image. */
  image: ImageLike;
}

/** Droplets to create with `api.createDroplets()`. */
export interface NewDroplets extends Omit<NewDroplet, 'name'> {
  /** One for each Droplet. */
  names: readonly string[];
}

/** What all Droplets of a creation have in common. */
export type DropletSettings = Omit<NewDroplet, 'name' | 'wait'>;

const NAME = defineCheck<string>(
  'a name of 1 to 255 letters, digits, "." and "-"',
  (value) => typeof value === 'string' && /^[a-z0-9.-]{1,255}$/i.test(value),
);

/** @throws TypeError naming the argument */
export function checkDropletName(name: string, value: unknown): string {
  return checkValue(name, value, NAME);
}

/** The slug of a size. @throws TypeError naming the argument */
export function sizeSlugOf(name: string, size: unknown): string {
  return checkSegment(name, size);
}

/** The id of an image. @throws TypeError, RangeError, also for the UUID of a volume's snapshot */
export function imageIdOf(name: string, image: unknown): number {
  return checkId(name, image instanceof Image ? image.id : image);
}

/** The id of an image, or the slug of a public one. @throws TypeError, RangeError naming the argument */
export function imageReferenceOf(name: string, image: unknown): number | string {
  if (image instanceof Image) return image.id;
  return typeof image === 'string' ? checkImageSlug(name, image) : checkId(name, image);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function checkImageSlug(name: string, slug: string): number | string {
  if (UUID.test(slug)) throw new TypeError(`${name}: expected an image, got the id of a volume's snapshot`);
  // An id as text, as /v2/snapshots gives it.
  return /^\d+$/.test(slug) ? checkId(name, Number(slug)) : checkSegment(name, slug);
}

/** Options of `droplet.resize()`. */
export interface ResizeOptions extends ActOptions {
  /** `true`: the disk grows too, which cannot be undone. Default `false`: only memory and processors change. */
  disk?: boolean | undefined;
}

export const RESIZE_OPTIONS = { ...ACT_OPTIONS, disk: is.flag };

const SSH_KEY = defineCheck<number | string>(
  'an id or a fingerprint',
  (value) => isId(value) || is.text.test(value),
);
const REGION = defineCheck<RegionLike>('a region', () => true, {
  read: (name, value) => regionSlugOf(value, name),
});
const IMAGE = defineCheck<ImageLike>('an id, a slug or an Image', () => true, {
  // An Image knows its regions and the disk that it needs.
  read: (name, value) => (value instanceof Image ? value : imageReferenceOf(name, value)),
});
const MAX_USER_DATA = 65_536;
const USER_DATA = defineCheck<string>(
  'text of at most 64 KiB',
  (value) => typeof value === 'string' && Buffer.byteLength(value) <= MAX_USER_DATA,
);

const SETTINGS = {
  size: is.required(is.segment),
  sshKeys: is.listOf(SSH_KEY),
  backups: is.flag,
  ipv6: is.flag,
  monitoring: is.flag,
  tags: is.listOf(is.tag),
  userData: USER_DATA,
  volumes: is.listOf(is.text),
  vpcUuid: is.text,
  withDropletAgent: is.flag,
  wait: is.withDefault(is.either<object, boolean>(nestedOptions(GROUP_WAIT_OPTIONS), true, false), false),
};
const PLACE = { region: is.required(REGION), image: is.required(IMAGE) };

export const NEW_DROPLET = { ...SETTINGS, ...PLACE, name: is.required(NAME) };
export const NEW_DROPLETS = { ...SETTINGS, ...PLACE, names: is.required(is.listOf(NAME)) };
export const NEW_DROPLET_OF_IMAGE = { ...SETTINGS, name: is.required(NAME), region: REGION };

/** The settings in the API's JSON. */
export function dropletBodyOf(settings: DropletSettings, names: readonly string[]): JsonObject {
  const { region, size, image, tags, volumes, backups, ipv6, monitoring } = settings;
  const [name] = names;
  return {
    ...(names.length === 1 ? { name } : { names }),
    region: regionSlugOf(region),
    size,
    image: imageReferenceOf('image', image),
    ssh_keys: settings.sshKeys,
    backups,
    ipv6,
    monitoring,
    tags,
    user_data: settings.userData,
    volumes,
    vpc_uuid: settings.vpcUuid,
    with_droplet_agent: settings.withDropletAgent,
  };
}
