import { Region, type RegionLike, regionSlugOf } from './region';
import { checkObject, checkText, defineCheck, is } from './util/validate';
import { validateOptions } from './util/options/validate-options';

/** The known types; DigitalOcean may add others. */
export type ImageType = 'base' | 'snapshot' | 'backup' | 'custom' | 'admin' | (string & {});

/** The known statuses; DigitalOcean may add others. An import is `NEW`, `pending`, then `available` or `deleted`. */
export type ImageStatus = 'NEW' | 'available' | 'pending' | 'deleted' | 'retired' | (string & {});

/** The changes of `image.update()`. Only custom images have a description and distribution that can be changed. */
export interface ImageChanges {
  /** The new name, not empty. */
  name?: string | undefined;
  /** Free text, also empty. */
  description?: string | undefined;
  /** Such as `Ubuntu`. */
  distribution?: string | undefined;
}

const IMAGE_CHANGES = { name: is.text, description: is.string, distribution: is.text };

/** The request body of an update. @throws TypeError when there is no change, or the name is empty */
export function checkChanges(changes: ImageChanges): ImageChanges {
  const body = validateOptions(checkObject('changes', changes), IMAGE_CHANGES);
  if (Object.keys(body).length === 0)
    throw new TypeError('changes: expected at least one of name, description, distribution');
  return { ...body };
}

/** A custom image to import with `api.createCustomImage()`. */
export interface NewImage {
  /** Its name, not empty. */
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
  /** Free text; default: none. */
  description?: string | undefined;
  /** Names of tags, which are created where they do not exist; default: none. */
  tags?: readonly string[] | undefined;
}

const NEW_IMAGE = {
  name: is.required(is.text),
  url: is.required(
    defineCheck<string>(
      'a URL',
      (value) => typeof value === 'string' && /^https?:/i.test(value) && URL.canParse(value),
      {
        explain(name, value) {
          checkText(name, value);
          throw new TypeError(`${name}: expected an absolute http: or https: URL`);
        },
      },
    ),
  ),
  region: is.required(
    defineCheck<string>('a region', (value) => typeof value === 'string' || value instanceof Region, {
      read: (name, value) => regionSlugOf(value, name),
      explain: (name, value) => void regionSlugOf(value, name),
    }),
  ),
  distribution: is.text,
  description: is.string,
  tags: is.listOf(is.tag),
};

/** The request body of an import. @throws TypeError naming the field, without the URL, which may be presigned */
export function checkNewImage(image: NewImage): NewImage & { region: string } {
  return { ...validateOptions(checkObject('image', image), NEW_IMAGE) };
}
