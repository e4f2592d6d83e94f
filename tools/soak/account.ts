/** The account: every image is in the first region, and can be transferred once to each other region. */
export const IMAGES = 2_000;
export const REGIONS = Array.from({ length: 14 }, (_, at) => `reg${at}`);

/** The number of possible transfers. */
export const MAX_WAITS = IMAGES * (REGIONS.length - 1);

/** The image and the region of the `nth` transfer. */
export function transferAt(nth: number): { image: number; region: string } {
  const region = REGIONS[1 + Math.floor(nth / IMAGES)];
  if (region === undefined) throw new RangeError(`there are ${MAX_WAITS} transfers`);
  return { image: (nth % IMAGES) + 1, region };
}
