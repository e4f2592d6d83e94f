/** Meets many failures and prints all of them, with DEBUG=* and unhandled rejections. */
import { DOApi } from '../../../lib';
import { type FaultKind, Sandbox } from '../../../lib/sandbox';
import { CANARY } from '../../../tools/support/canary';

const FAULTS: [FaultKind, object?][] = [
  ['status', { status: 401, message: `not ${CANARY}` }],
  ['status', { status: 403 }],
  ['status', { status: 500, body: `<html>${CANARY}` }],
  ['burst-limit', { retryAfterSeconds: 99 }],
  ['redirect'],
  ['refused'],
  ['reset-after-execution'],
  ['stall-before-execution'],
  ['truncated-json'],
  ['wrong-types'],
  ['oversized'],
  ['not-http'],
];

const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }], clock: 'real', tokens: [CANARY] });

async function main(): Promise<void> {
  const { url, close } = await sandbox.listen();
  const options = {
    endpoint: url,
    token: CANARY,
    retries: 0,
    timeout: 100,
    transport: { proxy: false },
  } as const;
  const failures: Promise<unknown>[] = [];
  let met = 0;
  for (const [kind, more] of FAULTS) {
    for (const call of [(api: DOApi) => api.fetchImage(5), (api: DOApi) => api.image(5).transfer('fra1')]) {
      // Each has its own rate limiter: a 429 delays every manager that shares one.
      const api = new DOApi({ ...options, rateLimit: false });
      sandbox.fail({ with: kind, times: 1, ...more } as Parameters<Sandbox['fail']>[0]);
      const failure = call(api);
      failures.push(failure);
      await failure.catch((error: unknown) => {
        met += 1;
        console.error(error);
        console.log(JSON.stringify(error), api, { api });
        process.emitWarning(error as Error);
      });
      // An unhandled rejection.
      void failure.then(() => undefined);
      await api.close();
    }
  }
  await new Promise((done) => setTimeout(done, 20));
  await close();
  console.log(`met ${met} failures`);
}

void main();
