import { sleep, type Clock } from '../util/clock';
import type { TransportAdapter } from '../http/transport/types';
import { DOApi } from '../doapi';
import { CLIENT_OPTIONS, type DOApiOptions } from '../options';
import { anImage, ownFields, type ImageSeed } from './state/builders';
import { checkValue, unexpected } from '../util/validate';
import { validateOptions } from '../util/options/validate-options';
import { FINITE_MS } from './state/durations';
import { applyDueEvents, scheduleSeededEvents } from './state/world-events';
import { FaultRules, type Fault, type FaultRule } from './faults/fault-rules';
import { RequestPipeline } from './server/request-pipeline';
import { inProcess } from './server/in-process';
import { listen, type Listening } from './server/http-server';
import {
  LISTEN_OPTIONS,
  type ListenOptions,
  readOptions,
  type SandboxOptions,
  type SandboxSnapshot,
} from './sandbox-options';
import { hex, seededRandom } from './state/random';
import { RequestQuota } from './server/request-quota';
import { RequestLog, type SandboxRequest } from './server/request-log';
import { createWorldState } from './state/seeds';
import { SandboxClock } from './clock/sandbox-clock';
import type { VirtualClock } from './clock/virtual-clock';
import type { ActionJson, DropletJson, ImageJson } from './state/api-json';
import { World } from './state/world';

/** The same in every sandbox, so that tests can contain it. It has no use elsewhere. */
const SANDBOX_TOKEN = `dop_v1_${hex(seededRandom(2014), 64)}`;

/**
 * A DigitalOcean API in memory: images, actions that progress, regions, tags, snapshots, pages, rate limits and errors.
 * It serves requests in process or over HTTP, has a clock of its own, and can simulate faults.
 */
export class Sandbox {
  /** A literal, which minifiers keep. @internal */
  static readonly name = 'Sandbox';
  /** The token that is accepted over HTTP: the first of `tokens`, if that option is set. Else every token is accepted in process. */
  readonly token: string;
  /** The `transport.adapter` for a client of your own. `api()` sets it for you. */
  readonly adapter: TransportAdapter;
  readonly #time: SandboxClock;
  readonly #world: World;
  readonly #pipeline: RequestPipeline;
  readonly #faults = new FaultRules();
  readonly #log = new RequestLog();
  readonly #speed: number;

  /** @throws TypeError, RangeError for an invalid option or seed */
  constructor(options: SandboxOptions = {}) {
    const settings = readOptions(options);
    const { from, clock, speed, tokens } = settings;
    const state = from ? structuredClone(from) : createWorldState(settings.seeds);
    this.#speed = speed;
    this.#time = new SandboxClock({ clock, speed, start: from && { now: from.now, date: from.date } });
    this.#world = new World(this.#time, settings.rules, state);
    if (!from) scheduleSeededEvents(this.#world);
    const [ownToken] = tokens.keys();
    this.token = ownToken ?? SANDBOX_TOKEN;
    const anyToken = ownToken === undefined;
    if (anyToken) tokens.set(this.token, settings.scopes);
    this.#pipeline = new RequestPipeline(this.#world, {
      faults: this.#faults,
      log: this.#log,
      rateLimit: new RequestQuota(this.#time, settings.rateLimit),
      tokens,
      scopes: settings.scopes,
      onRequest: settings.onRequest,
    });
    this.adapter = inProcess({ pipeline: this.#pipeline, clock: this.#time, anyToken });
  }

  /**
   * Creates a client that is connected to the sandbox in process, without a socket, and uses the sandbox's clock.
   * @param options of the client. Token and endpoint have defaults; clock and adapter are the sandbox's.
   * @throws TypeError, RangeError for an invalid option
   */
  api(options: DOApiOptions = {}): DOApi {
    const own = validateOptions(options, CLIENT_OPTIONS);
    return new DOApi({
      ...options, // also has symbols
      ...own,
      token: own.token ?? this.token,
      endpoint: own.endpoint ?? 'https://api.digitalocean.com', // not the environment's
      clock: this.#time,
      transport: { ...own.transport, adapter: this.adapter },
    });
  }

  /** The sandbox's clock, for a client of your own. */
  get clock(): Clock {
    return this.#time;
  }

  /** The requests so far, in order; at least the latest 100,000. */
  get requests(): readonly Readonly<SandboxRequest>[] {
    return this.#log.requests;
  }

  /** Clears `requests`. */
  clearRequests(): void {
    this.#log.clear();
  }

  /** Copies of the current images in the API's own shape, oldest first. */
  get images(): ImageJson[] {
    applyDueEvents(this.#world);
    const present = [...this.#world.images.values()].filter(({ goneSince }) => goneSince === null);
    return present.map(({ json }) => structuredClone(json));
  }

  /** Copies of the current Droplets in the API's own shape, oldest first. */
  get droplets(): DropletJson[] {
    applyDueEvents(this.#world);
    const { droplets } = this.#world;
    return droplets.present.map((record) => droplets.toJson(record));
  }

  /** Copies of all actions in the API's own shape, newest first. */
  get actions(): ActionJson[] {
    applyDueEvents(this.#world);
    return [...this.#world.actions.values()].reverse().map(({ json }) => structuredClone(json));
  }

  /**
   * Adds an image without a request.
   * @param seed any of its fields, in the API's own names; without an `id` it gets the next one
   * @returns a copy of the image
   * @throws TypeError, RangeError for a field that the API could not send; TypeError for the id of another image
   */
  addImage(seed: ImageSeed = {}): ImageJson {
    const image = anImage({ regions: [...this.#world.regions.keys()].slice(0, 1), ...seed });
    const { id } = ownFields<{ id?: unknown }>(seed);
    const own = id === undefined || id === null ? undefined : image.id;
    if (own !== undefined && this.#world.images.has(own))
      throw new TypeError(unexpected('images', 'each id or slug once', `${own} twice`));
    return structuredClone(this.#world.addImage(image, {}, own).json);
  }

  /**
   * Sets a fault, from the next request on. If several faults match a request, the one that was set first applies.
   * @returns the fault: `met` counts the requests it was applied to, `lift()` removes it
   * @throws TypeError, RangeError for an invalid fault
   * @example sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'reset-after-execution', times: 1 });
   */
  fail(fault: Fault): FaultRule {
    return this.#faults.add(fault);
  }

  /** Removes every fault. */
  heal(): void {
    this.#faults.clear();
  }

  /**
   * Moves the virtual clock by `ms` milliseconds: timers fire, actions progress.
   * @returns a promise that resolves when everything that became due has settled
   * @throws Error when time runs by itself
   */
  async advance(ms: number): Promise<void> {
    checkValue('ms', ms, FINITE_MS);
    await this.#virtual.advance(ms);
    applyDueEvents(this.#world);
  }

  /**
   * Moves the virtual clock to the next timer or the next event of an action or import.
   * @returns the milliseconds it moved; 0 if there is no such event
   * @throws Error when time runs by itself
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
   * Resolves when no action, import or timer is left. A virtual clock is moved to that moment. With a real clock, this
   * waits for actions and imports only.
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

  /** The time of the next event or timer; `null` if there is none. */
  #nextMoment(): number | null {
    const event = this.#world.events.next?.due ?? Infinity;
    const next = Math.min(event, this.#time.virtual?.nextTimer ?? Infinity);
    return next === Infinity ? null : next;
  }

  /** The state as plain JSON, for `new Sandbox({ from })`. It does not contain faults and requests. */
  snapshot(): SandboxSnapshot {
    applyDueEvents(this.#world);
    return { version: 1, now: this.#time.now(), date: this.#time.date(), ...this.#world.state() };
  }

  /**
   * Serves the sandbox over HTTP. From then on time runs by itself, unless the option `clock` was given.
   * @throws TypeError, RangeError for an invalid host, port or speed; Error if the port is in use
   */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    const { speed = this.#speed, ...address } = validateOptions(options, LISTEN_OPTIONS);
    const listening = await listen({
      ...address,
      pipeline: this.#pipeline,
      clock: this.#time,
      token: this.token,
    });
    this.#time.run(speed);
    return listening;
  }
}
