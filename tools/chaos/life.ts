import { type Action, DOApi, DOApiError, Image, NotFoundError, UnknownOutcomeError } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { FaultProxy } from '../support/fault-proxy';
import { storm } from './storm';

/** What came of many lives of images in bad weather. */
export interface Chronicle {
  /** Lives that were led to their end, and those that an error of ours cut short. */
  lives: number;
  cutShort: number;
  requests: number;
  connections: number;
  /** Answers to POSTs that were lost, and what the look after them gave. */
  lost: { found: number; absent: number; undecided: number };
  /** Errors of ours by name. */
  errors: Map<string, number>;
  /** What must never be. */
  violations: string[];
}

interface Options {
  /** Goes on until so many lives were led to their end and so many connections made … */
  lives?: number;
  connections?: number;
  /** … or until so many milliseconds have passed. */
  atMost: number;
  workers: number;
  seed: number;
}

/** Leads lives of images (create, wait, transfer, wait, rename, delete) through random faults on the wire. */
export async function live(options: Options): Promise<Chronicle> {
  const { lives = Infinity, connections = Infinity, atMost, workers, seed } = options;
  const sandbox = new Sandbox({
    images: [{ id: 5, regions: ['nyc1'] }],
    actionTime: [20, 120],
    importTime: [20, 120],
    rateLimit: false,
    seed,
  });
  const { url, token, close } = await sandbox.listen();
  const proxy = await new FaultProxy({ upstream: Number(new URL(url).port), seed }).up();
  const chronicle: Chronicle = {
    lives: 0,
    cutShort: 0,
    requests: 0,
    connections: 0,
    lost: { found: 0, absent: 0, undecided: 0 },
    errors: new Map(),
    violations: [],
  };
  const unhandled = (reason: unknown): void => void chronicle.violations.push(`unhandled: ${String(reason)}`);
  process.on('unhandledRejection', unhandled);
  const api = new DOApi({
    endpoint: `http://127.0.0.1:${proxy.port}`,
    token,
    timeout: 250,
    deadline: 1_500,
    waitInterval: 25,
    rateLimit: false,
    transport: { proxy: false },
  });
  const calm = storm(proxy);
  const until = performance.now() + atMost;
  const isOver = (): boolean =>
    performance.now() >= until || (chronicle.lives >= lives && proxy.connections >= connections);
  const work = async (worker: number): Promise<void> => {
    for (let nth = 0; !isOver(); nth++)
      await new Life({ api, sandbox, chronicle, name: `worker ${worker}, life ${nth}.` }).lead();
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  await calm();
  await new Promise((done) => setTimeout(done, 300));
  for (const [name, count] of created(sandbox))
    if (count > 1) chronicle.violations.push(`${name} was made ${count} times`);
  chronicle.requests = sandbox.requests.length;
  chronicle.connections = proxy.connections;
  await api.close();
  for (let turn = 0; turn < 500 && proxy.open > 0; turn++) await new Promise((done) => setTimeout(done, 10));
  if (proxy.open > 0) chronicle.violations.push(`${proxy.open} connections are left`);
  process.off('unhandledRejection', unhandled);
  await proxy.down();
  await close();
  return chronicle;
}

/** How often each image was made, by its name. */
function created(sandbox: Sandbox): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { method, path, body, executed } of sandbox.requests) {
    if (method !== 'POST' || path !== '/v2/images' || !executed) continue;
    const { name } = body as { name: string };
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

interface Surroundings {
  api: DOApi;
  sandbox: Sandbox;
  chronicle: Chronicle;
  name: string;
}

/** Of one image. */
class Life {
  constructor(private readonly around: Surroundings) {}

  async lead(): Promise<void> {
    const { chronicle, name } = this.around;
    try {
      const made = await this.create();
      if (!made) return;
      const image = await made.waitUntilAvailable({ timeout: 10_000 });
      this.must(image.status === 'available', 'it is available once waited for');
      await this.transfer(image);
      const renamed = await image.update({ name: `${name} renamed` });
      this.must(renamed.name === `${name} renamed`, 'it has its new name');
      await renamed.delete();
      this.must(this.onServer(image.id) === undefined, 'it is gone once deleted');
      chronicle.lives += 1;
    } catch (error) {
      chronicle.cutShort += 1;
      const kind = error instanceof Error ? error.name : String(error);
      chronicle.errors.set(kind, (chronicle.errors.get(kind) ?? 0) + 1);
      this.must(error instanceof DOApiError, `an error of ours, not ${String(error)}`);
      this.must(!(error instanceof NotFoundError), `it is found: ${String(error)}`);
    }
  }

  private async create(): Promise<Image | null> {
    const { api, sandbox, name } = this.around;
    const made = await this.lookUp(
      api.createCustomImage({ name, url: 'https://example.com/disk.gz', region: 'nyc1' }),
      () => created(sandbox).get(name) ?? 0,
    );
    this.must(!made || made.name === name, 'what was made is what was asked for');
    return made;
  }

  private async transfer(image: Image): Promise<void> {
    const started = (): number =>
      this.around.sandbox.actions.filter(({ resource_id }) => resource_id === image.id).length;
    const action = await this.lookUp<Action>(image.transfer('fra1'), started);
    if (!action) return;
    const ended = await action.wait({ timeout: 10_000 });
    this.must(ended.completed && ended.regionSlug === 'fra1', 'the transfer is completed once waited for');
    this.must(started() === 1, `the transfer was started ${started()} times`);
    this.must(this.onServer(image.id)?.regions.includes('fra1') === true, 'it has arrived');
  }

  /** A lost answer is looked up, and the truth is known here. */
  private async lookUp<T>(call: Promise<T>, executions: () => number): Promise<T | null> {
    try {
      return await call;
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError)) throw error;
      const { lost } = this.around.chronicle;
      try {
        const found = (await error.reconcile()) as T | null;
        lost[found ? 'found' : 'absent'] += 1;
        this.must((found !== null) === executions() > 0, `what was ${found ? '' : 'not '}found is the truth`);
        return found;
      } catch (reason) {
        lost.undecided += 1;
        throw reason;
      }
    }
  }

  private onServer(id: number): { regions: readonly string[] } | undefined {
    return this.around.sandbox.images.find((image) => image.id === id);
  }

  private must(holds: boolean, what: string): void {
    if (!holds) this.around.chronicle.violations.push(`${this.around.name}: ${what}`);
  }
}
