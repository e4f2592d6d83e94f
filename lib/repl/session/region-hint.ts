import { UnprocessableError } from '../..';
import type { Requester } from '../../model/requester';
import { hints } from '../show/explain-error';

/** Lists the regions with an error of a request for one that does not exist. It adds nothing when they cannot be read. */
export async function addRegions(requester: Requester, body: unknown, error: unknown): Promise<void> {
  const region = (body as { region?: unknown } | null | undefined)?.region;
  if (typeof region !== 'string' || !(error instanceof UnprocessableError)) return;
  try {
    const slugs = await requester.send(`${requester.endpoint}/v2/regions`, {
      params: { per_page: 200 },
      read: slugsOf,
    });
    if (slugs.length > 0 && !slugs.includes(region))
      hints.set(error, `There is no region ${region}. The regions are ${slugs.sort().join(', ')}.`);
  } catch {
    // The error itself says more than this one.
  }
}

function slugsOf(body: unknown): string[] {
  const { regions } = body as { regions?: unknown };
  if (!Array.isArray(regions)) return [];
  return (regions as ({ slug?: unknown } | null)[]).flatMap((region) =>
    typeof region?.slug === 'string' ? [region.slug] : [],
  );
}
