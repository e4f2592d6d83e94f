import { checkSegment } from './util/validate';
import { field } from './model/fields';
import { Resource } from './model/resource';

/**
 * A region of DigitalOcean, where Droplets run and images are stored.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Regions
 */
export class Region extends Resource {
  /** A literal, which minifiers keep. @internal */
  static override readonly name = 'Region';
  /** Such as `nyc3`. Methods that take a region accept the slug or the Region. */
  @field.name() readonly slug!: string;
  /** Such as `New York 3`. */
  @field.text({ absent: '' }) readonly name!: string;
  /** Whether Droplets can be created in the region. Images can be transferred to it in either case. */
  @field.flag({ absent: false }) readonly available!: boolean;
  /** Such as `backups` and `ipv6`. With `image_transfer`, images can be transferred to the region. */
  @field.texts() readonly features!: readonly string[];
  /** Slugs of the Droplet sizes; empty when the token lacks the scope `sizes:read`. */
  @field.texts() readonly sizes!: readonly string[];

  /** The slug. */
  override toString(): string {
    return this.slug;
  }
}

/** The slugs that editors complete: those of the sandbox. DigitalOcean may have others. */
export type RegionSlug =
  | 'ams2'
  | 'ams3'
  | 'blr1'
  | 'fra1'
  | 'lon1'
  | 'nyc1'
  | 'nyc2'
  | 'nyc3'
  | 'sfo1'
  | 'sfo2'
  | 'sfo3'
  | 'sgp1'
  | 'syd1'
  | 'tor1'
  | (string & {});

/** A region as methods accept it: its slug or a Region. */
export type RegionLike = RegionSlug | Region;

/** The slug of a RegionLike. @throws TypeError naming the argument */
export function regionSlugOf(region: unknown, name = 'region'): string {
  return checkSegment(name, region instanceof Region ? region.slug : region);
}
