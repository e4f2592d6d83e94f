import { checkSegment } from './util/validate';
import { field } from './model/fields';
import { Resource } from './model/resource';

/**
 * A place where DigitalOcean runs machines and keeps images.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Regions
 */
export class Region extends Resource {
  /** Such as `nyc3`; what every method that takes a region wants. */
  @field.name() readonly slug!: string;
  /** Such as `New York 3`. */
  @field.text({ absent: '' }) readonly name!: string;
  /** Whether new Droplets can be made there; an image can be transferred to a region where they cannot. */
  @field.flag({ absent: false }) readonly available!: boolean;
  @field.texts() readonly features!: readonly string[];
  /** Droplet sizes; empty when the token lacks `sizes:read`. */
  @field.texts() readonly sizes!: readonly string[];

  /** The slug, so that a region can stand wherever a slug can. */
  override toString(): string {
    return this.slug;
  }
}

/** What methods take for a region. */
export type RegionLike = string | Region;

/** The slug of either. @throws TypeError naming the argument */
export function regionSlugOf(region: unknown, name = 'region'): string {
  return checkSegment(name, region instanceof Region ? region.slug : region);
}
