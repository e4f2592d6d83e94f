import { type Action, DOApi, DOApiError, Image, NotFoundError, UnknownOutcomeError } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { FaultProxy } from '../support/fault-proxy';
import { addRandomFaults } from './random-faults';

const SPEED = 40;

/** The results of many lifecycles of images under random faults. */
export interface ChaosReport {
  /** Lifecycles that completed, and those that ended with an error of the library. */
  completed: number;
  failed: number;
  requests: number;
  connections: number;
  /** Lost responses to POSTs, by the result of `reconcile()`. */
  lost: { found: number; absent: number; undecided: number };
  /** Errors by name. */
  errors: Map<string, number>;
  /** Broken invariants, in sentences. */
  violations: string[];
}

interface Options {
  /** Ends after this many lifecycles … */
  lifecycles?: number;
  /** … and this many connections, */
  connections?: number;
  /** or after this many milliseconds. */
  atMost: number;
  workers: number;
  seed: number;
}

/** Runs lifecycles of images (create, wait, transfer, wait, rename, delete) under random faults of the network. */
export async function runChaos(options: Options): Promise<ChaosReport> {
  const { lifecycles = Infinity, connections = Infinity, atMost, workers, seed } = options;
  const sandbox = new Sandbox({
    images: [{ id: 5, regions: ['nyc1'] }],
    actionTime: [20 * SPEED, 120 * SPEED],
    importTime: [20 * SPEED, 120 * SPEED],
    speed: SPEED,
    rateLimit: false,
    seed,
  });
  const { url, token, close } = await sandbox.listen();
  const proxy = await new FaultProxy({ upstream: Number(new URL(url).port), seed }).up();
  const report: ChaosReport = {
    completed: 0,
    failed: 0,
    requests: 0,
    connections: 0,
    lost: { found: 0, absent: 0, undecided: 0 },
    errors: new Map(),
    violations: [],
  };
  const unhandled = (reason: unknown): void => void report.violations.push(`unhandled: ${String(reason)}`);
  process.on('unhandledRejection', unhandled);
  const api = new DOApi({
    endpoint: `http://127.0.0.1:${proxy.port}`,
    token,
    // A search for a lost response takes a minute of the clock, and trusts dates only if both clocks agree.
    clock: sandbox.clock,
    timeout: 250 * SPEED,
    deadline: 1_500 * SPEED,
    waitInterval: 25 * SPEED,
    rateLimit: false,
    transport: { proxy: false },
  });
  const stopFaults = addRandomFaults(proxy);
  const until = performance.now() + atMost;
  const isOver = (): boolean =>
    performance.now() >= until || (report.completed >= lifecycles && proxy.connections >= connections);
  const work = async (worker: number): Promise<void> => {
    for (let nth = 0; !isOver(); nth++)
      await new Lifecycle({ api, sandbox, report, name: `worker ${worker}, image ${nth}.` }).run();
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  await stopFaults();
  await new Promise((done) => setTimeout(done, 300));
  for (const [name, count] of created(sandbox))
    if (count > 1) report.violations.push(`${name} was created ${count} times`);
  report.requests = sandbox.requests.length;
  report.connections = proxy.connections;
  await api.close();
  for (let turn = 0; turn < 500 && proxy.open > 0; turn++) await new Promise((done) => setTimeout(done, 10));
  if (proxy.open > 0) report.violations.push(`${proxy.open} connections stay open`);
  process.off('unhandledRejection', unhandled);
  await proxy.close();
  await close();
  return report;
}

/** How often each image was created, by name. */
function created(sandbox: Sandbox): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { method, path, body, executed } of sandbox.requests) {
    if (method !== 'POST' || path !== '/v2/images' || !executed) continue;
    const { name } = body as { name: string };
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

interface Context {
  api: DOApi;
  sandbox: Sandbox;
  report: ChaosReport;
  name: string;
}

/** The lifecycle of one image. */
class Lifecycle {
  constructor(private readonly context: Context) {}

  async run(): Promise<void> {
    const { report, name } = this.context;
    try {
      const created = await this.create();
      if (!created) return;
      const image = await created.waitUntilAvailable({ timeout: 10_000 * SPEED });
      this.check(image.status === 'available', 'an image is available after the wait');
      await this.transfer(image);
      const renamed = await image.update({ name: `${name} renamed` });
      this.check(renamed.name === `${name} renamed`, 'a renamed image has its new name');
      await renamed.delete();
      this.check(this.onServer(image.id) === undefined, 'a deleted image is gone');
      report.completed += 1;
    } catch (error) {
      report.failed += 1;
      const kind = error instanceof Error ? error.name : String(error);
      report.errors.set(kind, (report.errors.get(kind) ?? 0) + 1);
      this.check(error instanceof DOApiError, `every error is a DOApiError, not ${String(error)}`);
      this.check(!(error instanceof NotFoundError), `no image or action is missing: ${String(error)}`);
    }
  }

  private async create(): Promise<Image | null> {
    const { api, sandbox, name } = this.context;
    const image = await this.reconciled(
      api.createCustomImage({ name, url: 'https://example.com/disk.gz', region: 'nyc1' }),
      () => created(sandbox).get(name) ?? 0,
    );
    this.check(!image || image.name === name, 'reconcile() finds the image of this call');
    return image;
  }

  private async transfer(image: Image): Promise<void> {
    const started = (): number =>
      this.context.sandbox.actions.filter(({ resource_id }) => resource_id === image.id).length;
    const action = await this.reconciled<Action>(image.transfer('fra1'), started);
    if (!action) return;
    const ended = await action.wait({ timeout: 10_000 * SPEED });
    this.check(ended.completed && ended.regionSlug === 'fra1', 'a transfer is completed after the wait');
    this.check(started() === 1, `a transfer is started once, not ${started()} times`);
    this.check(
      this.onServer(image.id)?.regions.includes('fra1') === true,
      'a transferred image is in its new region',
    );
  }

  /** Reconciles a call of unknown outcome, and compares the result with the sandbox. */
  private async reconciled<T>(call: Promise<T>, executions: () => number): Promise<T | null> {
    try {
      return await call;
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError)) throw error;
      const { lost } = this.context.report;
      try {
        const found = (await error.reconcile()) as T | null;
        lost[found ? 'found' : 'absent'] += 1;
        this.check(
          (found !== null) === executions() > 0,
          `reconcile() is right that it was ${found ? '' : 'not '}carried out`,
        );
        return found;
      } catch (reason) {
        lost.undecided += 1;
        throw reason;
      }
    }
  }

  private onServer(id: number): { regions: readonly string[] } | undefined {
    return this.context.sandbox.images.find((image) => image.id === id);
  }

  private check(holds: boolean, what: string): void {
    if (!holds) this.context.report.violations.push(`${this.context.name}: ${what}`);
  }
}
