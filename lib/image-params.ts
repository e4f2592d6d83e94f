import { type RegionLike, regionSlugOf } from './region';
import { checkList, checkObject, checkString, checkTag, checkText } from './util/validate';

/** The changes of `image.update()`. Only custom images have a description and distribution that can be changed. */
export interface ImageChanges {
  name?: string | undefined;
  description?: string | undefined;
  distribution?: string | undefined;
}

/** The request body of an update. @throws TypeError when there is no change, or the name is empty */
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

/** A custom image to import with `api.createCustomImage()`. */
export interface NewImage {
  name: string;
  /**
   * An http: or https: URL that DigitalOcean can fetch. The image is a raw, qcow2, vhdx, vdi or vmdk file, optionally
   * compressed with gzip or bzip2, and smaller than 100 GB after decompression.
   */
  url: string;
  /** The region that stores the image. */
  region: RegionLike;
  /** Such as `Ubuntu`. DigitalOcean replaces a distribution it does not know with `Unknown`. */
  distribution?: string | undefined;
  description?: string | undefined;
  tags?: readonly string[] | undefined;
}

/** The request body of an import. @throws TypeError naming the field, without the URL, which may be presigned */
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
