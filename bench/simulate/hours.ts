import { Account, HOUR, MINUTE } from './account';
import { inWords, markdown } from './row';
import { USUAL_INTERVAL } from './watching';

/** Actions of one image, as after a `replicate` to that many regions. */
const REGIONS = 5;

/** What waiting for an hour costs. */
export interface Hour {
  waits: number;
  requests: number;
  usual: number;
}

/** Waits for so many transfers, all of which take longer than an hour, for that hour. */
export async function anHourOf(waits: number): Promise<Hour> {
  const images = Math.ceil(waits / REGIONS);
  const account = new Account({ actions: waits, images, takes: [HOUR + MINUTE, HOUR + MINUTE] });
  const api = account.api({ waitTime: HOUR });
  await Promise.allSettled(account.actionsOf(api).map((action) => action.wait()));
  return { waits, requests: account.seen.length, usual: waits * (HOUR / USUAL_INTERVAL) };
}

/** The table of docs/waiting.md. */
export async function hoursTable(sizes: readonly number[] = [1, 10, 100, 1_000]): Promise<string> {
  const hours: Hour[] = [];
  for (const size of sizes) hours.push(await anHourOf(size));
  return markdown(
    ['waits', 'requests an hour', 'the usual loop', 'of 5,000 allowed'],
    hours.map(({ waits, requests, usual }) => [
      inWords(waits),
      inWords(requests),
      inWords(usual),
      usual > 5_000 ? 'not allowed: it fails' : 'allowed',
    ]),
  );
}
