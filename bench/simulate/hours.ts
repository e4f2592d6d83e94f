import { Account, HOUR, MINUTE } from './account';
import { formatNumber, markdown } from './row';
import { USUAL_INTERVAL } from './watching';

/** Actions per image, as after a `replicate` to five regions. */
const REGIONS = 5;

/** The cost of waiting for an hour. */
export interface Hour {
  waits: number;
  requests: number;
  usual: number;
}

/** Waits an hour for transfers that take longer. */
export async function anHourOf(waits: number): Promise<Hour> {
  const images = Math.ceil(waits / REGIONS);
  const account = new Account({ actions: waits, images, takes: [HOUR + MINUTE, HOUR + MINUTE] });
  const api = account.api({ waitTime: HOUR });
  await Promise.allSettled(account.actionsOf(api).map((action) => action.wait()));
  return { waits, requests: account.seen.length, usual: waits * (HOUR / USUAL_INTERVAL) };
}

/** DigitalOcean's limits. */
const LIMITS = { minute: 250, hour: 5_000 };

/** The table of docs/waiting.md. */
export async function hoursTable(sizes: readonly number[] = [1, 10, 100, 1_000]): Promise<string> {
  const lines: string[][] = [];
  for (const size of sizes) {
    const { waits, requests, usual } = await anHourOf(size);
    const isTooMany = usual / 60 > LIMITS.minute ? 'over the limit of a minute' : 'over the limit of an hour';
    lines.push([
      formatNumber(waits),
      formatNumber(requests),
      formatNumber(usual),
      usual > LIMITS.hour ? isTooMany : '',
    ]);
  }
  return markdown(['waits', 'here', 'a loop for each, every 5 s', ''], lines);
}
