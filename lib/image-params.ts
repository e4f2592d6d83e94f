import { type RegionLike, regionSlugOf } from './region';
import { checkList, checkObject, checkString, checkTag, checkText } from './util/validate';

/** What can be changed about an image; only its name unless it is a custom image. */
export interface ImageChanges {
  name?: string;
  description?: string;
  distribution?: string;
}

/** The body of an update. @throws TypeError when nothing is to be changed, or the name is empty */
export function checkChanges(changes: ImageChanges): ImageChanges {
  const { name, description, distribution } = checkObject('changes', changes) as ImageChanges;
  if (name === undefined && description === undefined && distribution === undefined) {
    throw new TypeError('changes: expected at least one of name, description, distribution');
  }
  return {
    ...(name !== undefined && { name: checkText('name', name) }),
    ...(description !== undefined && { description: checkString('description', description) }),
    ...(distribution !== undefined && { distribution: checkText('distribution', distribution) }),
  };
}

/** A custom image to be imported. */
export interface NewImage {
  name: string;
  /** Where DigitalOcean can fetch it: raw, qcow2, vhdx, vdi or vmdk, also packed with gzip or bzip2, under 100 GB unpacked. */
  url: string;
  /** Where it is to be kept. */
  region: RegionLike;
  /** Such as `Ubuntu`; what DigitalOcean does not know becomes `Unknown`. */
  distribution?: string;
  description?: string;
  tags?: readonly string[];
}

/** The body of an import. @throws TypeError naming the field; the URL is not shown, it may be a presigned one */
export function checkNewImage(image: NewImage): { name: string; url: string; region: string } {
  const { name, url, region, distribution, description, tags } = checkObject(
    'image',
    image,
  ) as unknown as NewImage;
  if (!URL.canParse(checkText('url', url)) || !/^https?:/i.test(url)) {
    throw new TypeError('url: expected an absolute http: or https: URL');
  }
  return {
    name: checkText('name', name),
    url,
    region: regionSlugOf(region),
    ...(distribution !== undefined && { distribution: checkText('distribution', distribution) }),
    ...(description !== undefined && { description: checkString('description', description) }),
    ...(tags !== undefined && { tags: checkList('tags', tags, checkTag) }),
  };
}
