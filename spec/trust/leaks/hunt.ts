import { DOApi, type DOApiOptions, type TransportResponse, UnknownOutcomeError } from '../../../lib';
import { everywhere } from './everywhere';

const PRESIGNED = { name: 'mine', region: 'nyc3' };

const CALLS: readonly ((api: DOApi, url: string) => Promise<unknown>)[] = [
  (api) => api.fetchImage(5),
  (api) => api.fetchAllImages().toArray(),
  (api) => api.image(5).update({ name: 'new' }),
  (api) => api.image(5).delete(),
  (api) => api.image(5).transfer('fra1'),
  (api) => api.action(7).wait({ timeout: 0 }),
  (api, url) => api.createCustomImage({ ...PRESIGNED, url }),
];

/** What {@link hunt} does apart from its calls. */
interface Hunt {
  options: DOApiOptions;
  /** What is imported. */
  url?: string;
  /** Requests that are sent before, and succeed; default 0. */
  before?: number;
}

const SOUND: TransportResponse = { status: 200, headers: {}, body: '{"regions":[]}' };

/**
 * Makes one call of each kind to a server that always gives this response.
 * @returns the text of every error, hook, log line and of the manager, in all places
 */
export async function hunt(
  response: TransportResponse,
  { options, url = 'https://example.com/disk.gz', before = 0 }: Hunt,
): Promise<string> {
  const texts: string[] = [];
  const reported: unknown[] = [];
  const report = (...args: unknown[]): void => void reported.push(args);
  let sent = 0;
  const api = new DOApi({
    retries: 0,
    rateLimit: false,
    transport: { adapter: () => Promise.resolve(sent++ < before ? SOUND : response) },
    onRequest: report,
    onResponse: report,
    onRetry: report,
    logger: { debug: report, info: report, warn: report, error: report },
    ...options,
  });
  for (let request = 0; request < before; request++) await api.fetchAllRegions().first();
  for (const call of CALLS) {
    const outcome = await call(api, url).catch((error: unknown) => error);
    // A resource shows what the server sent.
    if (!(outcome instanceof Error)) continue;
    texts.push(everywhere(outcome));
    if (outcome instanceof UnknownOutcomeError && outcome.canReconcile)
      texts.push(everywhere(await outcome.reconcile({ retries: 0 }).catch((error: unknown) => error)));
  }
  texts.push(everywhere(null, { reported, related: [api] }));
  await api.close();
  return texts.join('\n');
}
