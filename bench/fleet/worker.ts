/** A process of the fleet. It is ready, waits for `go`, does its calls and waits, and tells the result. */
import { runBottleneck } from './clients/bottleneck';
import { runDoapi } from './clients/doapi';
import { runFlexible } from './clients/rate-limiter-flexible';
import type { WorkerOptions, WorkerResult } from './worker-options';

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions;
/** Connects, and returns what starts the work. */
const CLIENTS: Record<
  WorkerOptions['client'],
  (options: WorkerOptions) => Promise<() => Promise<WorkerResult>>
> = {
  'doapi-ts': runDoapi,
  'doapi-ts without a store': runDoapi,
  bottleneck: runBottleneck,
  'rate-limiter-flexible': runFlexible,
};

async function main(): Promise<void> {
  const work = await CLIENTS[options.client](options);
  process.send?.('ready');
  await new Promise((resolve) => process.once('message', resolve));
  process.send?.(await work(), () => process.exit(0));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
