import { pollDelay } from '../../lib/polling/wait-options';
import { Sandbox } from '../../lib/sandbox';
import { HOUR, MINUTE } from './account';
import { atMost, formatNumber, none, type Row } from './row';
import { mostIn, USUAL_INTERVAL } from './watching';

/** Enough that calls wait for permits all the time. */
const WORKERS = 300;

/** A wait behind a standing queue of calls, which use up the limits of the minute and of the hour. */
export async function standingQueue(length = 2 * HOUR): Promise<Row> {
  const sandbox = new Sandbox({
    regions: ['nyc1', 'ams3'],
    images: [{ id: 1, regions: ['nyc1'] }],
    actionTime: length,
    rateLimit: { perMinute: 250, perHour: 5_000 },
  });
  const { clock } = sandbox;
  const times: number[] = [];
  const api = sandbox.api({ queueTimeout: Infinity, onRequest: () => times.push(clock.now()) });
  const over = new AbortController();
  let [calls, failed] = [0, 0];
  const work = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await api.request('/v2/regions', { signal: over.signal }).then(
        () => (calls += 1),
        () => (failed += over.signal.aborted ? 0 : 1),
      );
    }
  };
  let [last, longest] = [0, 0];
  const onProgress = ({ elapsed }: { elapsed: number }): void => {
    longest = Math.max(longest, elapsed - last - pollDelay(USUAL_INTERVAL, last));
    last = elapsed;
  };
  const wait = api.image(1).transfer('ams3', { wait: { timeout: Infinity, onProgress } });
  const workers = Promise.all(Array.from({ length: WORKERS }, work));
  const { status } = await wait;
  over.abort();
  await workers;
  await api.close();
  return {
    name: `a wait of ${formatNumber(length / MINUTE)} min behind a standing queue of calls (${formatNumber(calls)} calls)`,
    checks: [
      none('wrong result', status === 'completed' ? 0 : 1),
      none('failed call', failed),
      atMost('a poll is delayed by', longest / USUAL_INTERVAL, 2, ' intervals'),
      atMost('in any 60 s', mostIn(MINUTE, times), 240),
      atMost('in any hour', mostIn(HOUR, times), 4_900),
    ],
    usual: 'its polls wait like any call: for up to 40 min',
  };
}
