import { sleep, type Clock } from '../util/clock';
import type { TransportAdapter } from '../http/transport/types';
import { DOApi } from '../doapi';
import type { DOApiOptions } from '../options';
import { anImage, type ImageSeed } from './state/builders';
import { demand, must } from './state/checks';
import { applyDueEvents, scheduleSeededEvents } from './state/world-events';
import { FaultRules, type Fault, type FaultRule } from './faults/fault-rules';
import { RequestPipeline } from './server/request-pipeline';
import { inProcess } from './server/in-process';
import { listen, type Listening } from './server/http-server';
import { checkSpeed, readOptions, type SandboxOptions, type SandboxSnapshot } from './sandbox-options';
import { hex, seededRandom } from './state/random';
import { RequestQuota } from './server/request-quota';
import { RequestLog, type SandboxRequest } from './server/request-log';
import { createWorldState } from './state/seeds';
import { SandboxClock } from './clock/sandbox-clock';
import type { VirtualClock } from './clock/virtual-clock';
import type { ActionJson, ImageJson } from './state/api-json';
import { World } from './state/world';

/** The same in every sandbox, so that it can stand in a test; good for nothing else. */
const TOKEN = `dop_v1_${hex(seededRandom(2014), 64)}`;

/**
 * A DigitalOcean in memory: images, actions that progress, regions, tags, snapshots, pages, rate limits and errors,
 * as the API has them. In process or over HTTP, on a clock of its own, with faults when you want them.
 */
export class Sandbox {
  /** The token that is expected over HTTP, the first of `tokens` if they were named. In process any will do if not. */
  readonly token: string;
  /** For `transport.adapter` of a client of your own; `api()` does this for you. */
  readonly adapter: TransportAdapter;
  readonly #time: SandboxClock;
  readonly #world: World;
  readonly #gate: RequestPipeline;
  readonly #faults = new FaultRules();
  readonly #log = new RequestLog();
  readonly #speed: number;

  /** @throws TypeError, RangeError for an option or seed that makes no sense. */
  constructor(options: SandboxOptions = {}) {
    const settings = readOptions(options);
    const { from, clock, speed, tokens } = settings;
    const state = from ? structuredClone(from) : createWorldState(settings.seeds);
    this.#speed = speed;
    this.#time = new SandboxClock({ clock, speed, start: from && { now: from.now, date: from.date } });
    this.#world = new World(this.#time, settings.rules, state);
    if (!from) scheduleSeededEvents(this.#world);
    const [ownToken] = tokens.keys();
    this.token = ownToken ?? TOKEN;
    const anyToken = ownToken === undefined;
    if (anyToken) tokens.set(this.token, settings.scopes);
    this.#gate = new RequestPipeline(this.#world, {
      faults: this.#faults,
      log: this.#log,
      rateLimit: new RequestQuota(this.#time, settings.rateLimit),
      tokens,
      scopes: settings.scopes,
      onRequest: settings.onRequest,
    });
    this.adapter = inProcess({ pipeline: this.#gate, clock: this.#time, anyToken });
  }

  /**
   * A client wired to the sandbox, in process: no socket, and it waits on the sandbox's clock.
   * @param options as for any client; token and endpoint have defaults here, clock and adapter are the sandbox's.
   * @throws TypeError, RangeError as the client does for its options.
   */
  api(options: DOApiOptions = {}): DOApi {
    return new DOApi({
      token: this.token,
      endpoint: 'https://api.digitalocean.com', // whatever the environment says: nothing leaves the process
      ...options,
      clock: this.#time,
      transport: { ...options.transport, adapter: this.adapter },
    });
  }

  /** The sandbox's time, for a client of your own. */
  get clock(): Clock {
    return this.#time;
  }

  /** What was asked so far, in order; the latest 100,000 at least. */
  get requests(): readonly Readonly<SandboxRequest>[] {
    return this.#log.requests;
  }

  /** Forgets the requests, for the next part of a test. */
  clearRequests(): void {
    this.#log.clear();
  }

  /** The images that are there, in the API's own shape, as they are now; oldest first. */
  get images(): ImageJson[] {
    applyDueEvents(this.#world);
    const there = [...this.#world.images.values()].filter(({ goneSince }) => goneSince === null);
    return there.map(({ json }) => structuredClone(json));
  }

  /** All actions in the API's own shape, as they are now; newest first. */
  get actions(): ActionJson[] {
    applyDueEvents(this.#world);
    return [...this.#world.actions.values()].reverse().map(({ json }) => structuredClone(json));
  }

  /**
   * Puts an image there without a request.
   * @param seed any subset of its fields, in the API's own names; not its id.
   * @throws TypeError, RangeError for a field that the API could not send.
   */
  addImage(seed: Omit<ImageSeed, 'id'> = {}): ImageJson {
    const image = anImage({ regions: [...this.#world.regions.keys()].slice(0, 1), ...seed });
    return structuredClone(this.#world.addImage(image).json);
  }

  /**
   * Makes something go wrong, from the next request on.
   * @returns the fault, with how many requests it has met; `lift()` ends it.
   * @throws TypeError, RangeError for a fault that makes no sense.
   * @example sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'reset-after-execution', times: 1 });
   */
  fail(fault: Fault): FaultRule {
    return this.#faults.add(fault);
  }

  /** Ends every fault. */
  heal(): void {
    this.#faults.clear();
  }

  /**
   * Moves the virtual clock by `ms` milliseconds: actions progress, waits go on, nobody sleeps.
   * @throws Error when time runs by itself.
   */
  async advance(ms: number): Promise<void> {
    demand('ms', ms, must.ms);
    await this.#virtual.advance(ms);
    applyDueEvents(this.#world);
  }

  /**
   * Moves the virtual clock to whatever comes next: somebody wakes, an action or an import moves on.
   * @returns how many milliseconds that was; 0 when nothing is to come.
   * @throws Error when time runs by itself.
   */
  async advanceToNextEvent(): Promise<number> {
    await this.advance(0);
    const start = this.#time.now();
    const next = this.#nextMoment();
    if (next === null) return 0;
    await this.#virtual.advanceTo(next);
    applyDueEvents(this.#world);
    return next - start;
  }

  /**
   * Resolves when nothing is in progress and nobody waits any more. A virtual clock is moved to that moment; with a
   * real one this takes its time, and looks at what is in progress only.
   */
  async settle(): Promise<void> {
    const clock = this.#time.virtual;
    await clock?.advance(0);
    for (let next = this.#nextMoment(); next !== null; next = this.#nextMoment()) {
      await (clock ? clock.advanceTo(next) : sleep(this.#time, Math.max(0, next - this.#time.now())));
      applyDueEvents(this.#world);
    }
  }

  get #virtual(): VirtualClock {
    const clock = this.#time.virtual;
    if (!clock) throw new Error('This needs a virtual clock; the time of this sandbox runs by itself.');
    return clock;
  }

  /** When something happens or somebody wakes next; `null`: never. */
  #nextMoment(): number | null {
    const event = this.#world.events.next?.due ?? Infinity;
    const next = Math.min(event, this.#time.virtual?.nextTimer ?? Infinity);
    return next === Infinity ? null : next;
  }

  /** Everything that is there, as plain JSON, for `new Sandbox({ from })`. Faults and requests are not part of it. */
  snapshot(): SandboxSnapshot {
    applyDueEvents(this.#world);
    return { version: 1, now: this.#time.now(), date: this.#time.date(), ...this.#world.state() };
  }

  /**
   * Serves the sandbox over HTTP on 127.0.0.1. From then on time runs by itself, unless `clock` was chosen.
   * @param options.port default: any that is free.
   * @param options.speed how many seconds pass in one of the machine's; default: the option of the constructor.
   * @throws RangeError for a port or speed that makes no sense; Error when the port is in use.
   */
  async listen({
    port = 0,
    speed = this.#speed,
  }: { port?: number; speed?: number } = {}): Promise<Listening> {
    checkSpeed(speed);
    const listening = await listen({ gate: this.#gate, clock: this.#time, port, token: this.token });
    this.#time.run(speed);
    return listening;
  }
}
