import { sleep, type Clock } from '../util/clock';
import type { TransportAdapter } from '../http/transport/types';
import { DOApi } from '../doapi';
import { CLIENT_OPTIONS, type DOApiOptions } from '../options';
import { anImage, ownFields, type ImageSeed } from './state/builders';
import { checkValue, unexpected } from '../util/validate';
import { validateOptions } from '../util/options/validate-options';
import { FINITE_MS } from './state/durations';
import { applyDueEvents } from './state/world-events';
import type { Fault, FaultRule } from './faults/fault-rules';
import { listen, type Listening } from './server/http-server';
import {
  LISTEN_OPTIONS,
  type ListenOptions,
  type SandboxOptions,
  type SandboxSnapshot,
} from './sandbox-options';
import {
  ACCOUNT_NAME,
  type AccountParts,
  nextMoment,
  openAccount,
  openSandbox,
  type Premises,
  type Sibling,
  snapshotOf,
  stateOfAccount,
  tokenOfAccount,
} from './sandbox-accounts';
import type { SandboxRequest } from './server/request-log';
import type { VirtualClock } from './clock/virtual-clock';
import type { ActionJson, DropletJson, ImageJson } from './state/api-json';
import type { WorldState } from './state/world-state';

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
  readonly #premises: Premises;
  readonly #parts: AccountParts;
  /** The other accounts, by name. */
  readonly #accounts: Map<string, Sandbox>;

  /** @throws TypeError, RangeError for an invalid option or seed */
  constructor(options?: SandboxOptions);
  /** Another account of a sandbox. @internal */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- the build strips this one from the declarations
  constructor(options: SandboxOptions, sibling: Sibling<Sandbox>);
  constructor(options: SandboxOptions = {}, sibling?: Sibling<Sandbox>) {
    const { premises, parts, accounts } = sibling ?? {
      ...openSandbox(options),
      accounts: new Map<string, Sandbox>(),
    };
    this.#premises = premises;
    this.#parts = parts;
    this.#accounts = accounts;
    this.token = parts.token;
    this.adapter = parts.adapter;
    if (!sibling) for (const [name, state] of premises.restored) this.#open(name, state);
  }

  /**
   * Another account of this sandbox, for images that are given away: with a token, an e-mail address
   * (`<name>@example.com`), images, Droplets, actions, requests and faults of its own. The clock, the regions, the public
   * images and the options of the sandbox are the same. It has no images of its own at first.
   * @param name the same name is the same account
   * @throws TypeError for a name that cannot be a part of an e-mail address
   */
  account(name: string): Sandbox {
    checkValue('name', name, ACCOUNT_NAME);
    return this.#accounts.get(name) ?? this.#open(name, stateOfAccount(name, this.#parts.world));
  }

  #open(name: string, state: WorldState): Sandbox {
    const parts = openAccount(
      this.#premises,
      state,
      new Map([[tokenOfAccount(name), this.#premises.settings.scopes]]),
      name,
    );
    // Of the same class: the session has one of its own.
    const Class = this.constructor as typeof Sandbox;
    const account = new Class({}, { premises: this.#premises, parts, accounts: this.#accounts });
    this.#accounts.set(name, account);
    return account;
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
      clock: this.#premises.time,
      transport: { ...own.transport, adapter: this.adapter },
    });
  }

  /** The sandbox's clock, for a client of your own. */
  get clock(): Clock {
    return this.#premises.time;
  }

  /** The requests so far, in order; at least the latest 100,000. */
  get requests(): readonly Readonly<SandboxRequest>[] {
    return this.#parts.log.requests;
  }

  /** Clears `requests`. */
  clearRequests(): void {
    this.#parts.log.clear();
  }

  /** Copies of the current images in the API's own shape, oldest first. */
  get images(): ImageJson[] {
    applyDueEvents(this.#parts.world);
    const present = [...this.#parts.world.images.values()].filter(({ goneSince }) => goneSince === null);
    return present.map(({ json }) => structuredClone(json));
  }

  /** Copies of the current Droplets in the API's own shape, oldest first. */
  get droplets(): DropletJson[] {
    applyDueEvents(this.#parts.world);
    const { droplets } = this.#parts.world;
    return droplets.present.map((record) => droplets.toJson(record));
  }

  /** Copies of all actions in the API's own shape, newest first. */
  get actions(): ActionJson[] {
    applyDueEvents(this.#parts.world);
    return [...this.#parts.world.actions.values()].reverse().map(({ json }) => structuredClone(json));
  }

  /**
   * Adds an image without a request.
   * @param seed any of its fields, in the API's own names; without an `id` it gets the next one
   * @returns a copy of the image
   * @throws TypeError, RangeError for a field that the API could not send; TypeError for the id of another image
   */
  addImage(seed: ImageSeed = {}): ImageJson {
    const { world } = this.#parts;
    const image = anImage({ regions: [...world.regions.keys()].slice(0, 1), ...seed });
    const { id } = ownFields<{ id?: unknown }>(seed);
    const own = id === undefined || id === null ? undefined : image.id;
    if (own !== undefined && world.images.has(own))
      throw new TypeError(unexpected('images', 'each id or slug once', `${own} twice`));
    return structuredClone(world.addImage(image, {}, own).json);
  }

  /**
   * Sets a fault, from the next request on. If several faults match a request, the one that was set first applies.
   * @returns the fault: `met` counts the requests it was applied to, `lift()` removes it
   * @throws TypeError, RangeError for an invalid fault
   * @example sandbox.fail({ on: 'POST /v2/images/:id/actions', with: 'reset-after-execution', times: 1 });
   */
  fail(fault: Fault): FaultRule {
    return this.#parts.faults.add(fault);
  }

  /** Removes every fault. */
  heal(): void {
    this.#parts.faults.clear();
  }

  /**
   * Moves the virtual clock by `ms` milliseconds: timers fire, actions progress.
   * @returns a promise that resolves when everything that became due has settled
   * @throws Error when time runs by itself
   */
  async advance(ms: number): Promise<void> {
    checkValue('ms', ms, FINITE_MS);
    await this.#virtual.advance(ms);
    applyDueEvents(this.#parts.world);
  }

  /**
   * Moves the virtual clock to the next timer or the next event of an action or import.
   * @returns the milliseconds it moved; 0 if there is no such event
   * @throws Error when time runs by itself
   */
  async advanceToNextEvent(): Promise<number> {
    await this.advance(0);
    const start = this.#premises.time.now();
    const next = nextMoment(this.#premises);
    if (next === null) return 0;
    await this.#virtual.advanceTo(next);
    applyDueEvents(this.#parts.world);
    return next - start;
  }

  /**
   * Resolves when no action, import or timer is left. A virtual clock is moved to that moment. With a real clock, this
   * waits for actions and imports only.
   */
  async settle(): Promise<void> {
    const clock = this.#premises.time.virtual;
    await clock?.advance(0);
    for (let next = nextMoment(this.#premises); next !== null; next = nextMoment(this.#premises)) {
      await (clock
        ? clock.advanceTo(next)
        : sleep(this.#premises.time, Math.max(0, next - this.#premises.time.now())));
      applyDueEvents(this.#parts.world);
    }
  }

  get #virtual(): VirtualClock {
    const clock = this.#premises.time.virtual;
    if (!clock) throw new Error('This needs a virtual clock; the time of this sandbox runs by itself.');
    return clock;
  }

  /** The state as plain JSON, for `new Sandbox({ from })`. It does not contain faults and requests. */
  snapshot(): SandboxSnapshot {
    applyDueEvents(this.#parts.world);
    return snapshotOf(this.#premises, this.#parts.world);
  }

  /**
   * Serves the sandbox over HTTP. From then on time runs by itself, unless the option `clock` was given.
   * @throws TypeError, RangeError for an invalid host, port or speed; Error if the port is in use
   */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    const { speed = this.#premises.settings.speed, ...address } = validateOptions(options, LISTEN_OPTIONS);
    const listening = await listen({
      ...address,
      pipeline: this.#parts.pipeline,
      clock: this.#premises.time,
      token: this.token,
    });
    this.#premises.time.run(speed);
    return listening;
  }
}
