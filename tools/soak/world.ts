/** What there is in the account: every image is in the first region, and can be brought to each of the others once. */
export const IMAGES = 2_000;
export const REGIONS = Array.from({ length: 14 }, (_, at) => `reg${at}`);

/** More waits than that there cannot be. */
export const MOST_WAITS = IMAGES * (REGIONS.length - 1);

/** An image and where it is brought: another one for each `nth`. */
export function journey(nth: number): { image: number; region: string } {
  const region = REGIONS[1 + Math.floor(nth / IMAGES)];
  if (region === undefined) throw new RangeError(`there are ${MOST_WAITS} journeys`);
  return { image: (nth % IMAGES) + 1, region };
}
