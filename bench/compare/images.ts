/** The image with this number as DigitalOcean sends it: 14 fields, 12 regions, about 370 bytes. */
export function imageJson(number: number): string {
  const tail = TAILS[number % TAILS.length] ?? '';
  return `{"id":${FIRST_ID + number}${tail}`;
}

/** The id of the image with the number 0. */
export const FIRST_ID = 60_000_000;

/** A page of the list of all images, with links. */
export function pageJson(url: string, page: number, perPage: number, total: number): string {
  const images: string[] = [];
  const end = Math.min(total, page * perPage);
  for (let number = (page - 1) * perPage; number < end; number++) images.push(imageJson(number));
  const link = (to: number): string => `${url}/v2/images?page=${to}&per_page=${perPage}`;
  const last = Math.ceil(total / perPage);
  const pages = {
    ...(page > 1 && { first: link(1), prev: link(page - 1) }),
    ...(page < last && { next: link(page + 1), last: link(last) }),
  };
  return `{"images":[${images.join(',')}],"links":${JSON.stringify({ pages })},"meta":{"total":${total}}}`;
}

const REGIONS = 'nyc1 nyc2 nyc3 sfo2 sfo3 ams3 sgp1 lon1 fra1 tor1 blr1 syd1'.split(' ');

/** The JSON after an id, built once, so that the server's own work does not dominate. */
const TAILS = Array.from({ length: 1_000 }, (_, number) => {
  const image = {
    name: `web-${number}-snapshot`,
    distribution: 'Ubuntu',
    slug: null,
    public: false,
    regions: REGIONS,
    created_at: new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString().replace('.000', ''),
    min_disk_size: 25,
    type: 'snapshot',
    size_gigabytes: 2.34,
    description: '',
    tags: number % 3 === 0 ? ['base', 'web'] : [],
    status: 'available',
    error_message: '',
  };
  return `,${JSON.stringify(image).slice(1)}`;
});
