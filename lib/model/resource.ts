import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { TransformationType } from 'class-transformer/cjs/enums/transformation-type.enum';
import { type Codec, type FieldTransform, type JsonObject, Mismatch } from './fields';
import { block, INSPECT, type InspectOptions } from './inspect';
import type { Requester } from './requester';

/**
 * Something the API knows by name. A snapshot: reading a property never sends anything, a method never changes the
 * object, and `fetch()` returns a new one.
 */
export abstract class Resource {
  // What every instance carries besides its fields; out of sight of `console.log`, `JSON.stringify` and spread.
  #raw: JsonObject | undefined;
  /** What stands inside another resource has none, and sends nothing itself. */
  #api: Requester | undefined;
  #receivedAt = -Infinity;

  /** The object as the API sent it, with fields this library does not know yet. Not to be changed. */
  get raw(): JsonObject {
    return this.attached(this.#raw);
  }

  /** The manager, asked for the least. @internal */
  protected get api(): Requester {
    this.attached(this.#raw);
    if (!this.#api)
      throw new TypeError(`${this.constructor.name}: stands inside another resource, and has no manager`);
    return this.#api;
  }

  /** When this state was received, on the manager's clock. @internal */
  protected get receivedAt(): number {
    return this.#receivedAt;
  }

  /** The declared fields in the API's own shape, ready for `JSON.stringify` and for going back in. */
  toJSON(): Record<string, unknown> {
    const json: Record<string, unknown> = {};
    for (const { property, wire, write } of fieldPlanOf(this.constructor)) {
      json[wire] = write(this[property as keyof this]);
    }
    return json;
  }

  /** What `console.log` shows: a block of the declared fields. @internal */
  [INSPECT](depth: number | null, options: InspectOptions): string {
    const entries = fieldPlanOf(this.constructor).map(
      ({ property }) => [property, this[property as keyof this]] as const,
    );
    // Its dates are those of the server's clock.
    const api = #api in this ? this.#api : undefined;
    const now = api ? api.clock.date() + api.clockSkew : Date.now();
    return block(this.constructor.name, entries, now, depth, options);
  }

  private attached<V>(value: V | undefined): V {
    if (value === undefined) throw new TypeError(`${this.constructor.name}: made by a DOApi, never with new`);
    return value;
  }

  /** @internal */
  static attach(resource: Resource, raw: JsonObject, api?: Requester, receivedAt = -Infinity): void {
    resource.#raw = raw;
    resource.#api = api;
    resource.#receivedAt = receivedAt;
  }
}

/** A class whose instances are read from JSON. */
export type ResourceClass<T extends object> = new () => T;

interface PlannedField extends Codec {
  property: string;
  wire: string;
}

const fieldPlans = new WeakMap<object, readonly PlannedField[]>();

/**
 * The declarations of a class, read once from class-transformer's metadata into a flat list. `plainToInstance` looks
 * them up again for every key of every object, which costs 7.5 times the parsing of the JSON.
 */
function fieldPlanOf(Class: object): readonly PlannedField[] {
  let plan = fieldPlans.get(Class);
  if (!plan) {
    const toClass = TransformationType.PLAIN_TO_CLASS;
    plan = defaultMetadataStorage.getExposedProperties(Class as never, toClass).map((property) => {
      const [metadata] = defaultMetadataStorage.findTransformMetadatas(Class as never, property, toClass);
      const { codec, wire } = metadata?.transformFn as unknown as FieldTransform;
      return { property, wire, ...codec };
    });
    fieldPlans.set(Class, plan);
  }
  return plan;
}

/** Reads the declared fields of `json` into a new instance. @throws Mismatch naming the field */
export function read<T extends object>(Class: ResourceClass<T>, json: unknown): T {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Mismatch('', 'an object', json);
  const source = json as JsonObject;
  const instance = new Class();
  const fields = instance as Record<string, unknown>;
  const plan = fieldPlanOf(Class);
  let planned: PlannedField | undefined;
  try {
    // Not for-of: in a program that has just begun its iterator takes as long as the reading.
    for (let at = 0; (planned = plan[at]); at++) {
      fields[planned.property] = planned.read(source[planned.wire], source);
    }
  } catch (error) {
    throw error instanceof Mismatch && planned ? error.within(planned.wire) : error;
  }
  return instance;
}

/**
 * Makes a resource from the API's JSON and hangs it on its manager.
 * @param receivedAt when the API said so, on the clock; `-Infinity`: some time ago
 * @throws Mismatch naming the field
 */
export function hydrate<T extends Resource>(
  Class: ResourceClass<T>,
  json: unknown,
  api: Requester,
  receivedAt = api.clock.now(),
): T {
  const resource = read(Class, json);
  Resource.attach(resource, json as JsonObject, api, receivedAt);
  return resource;
}

/** Makes resources from what stands under `key` in an answer. @throws Mismatch naming key and field */
export function unwrap<T extends Resource>(
  Class: ResourceClass<T>,
  key: string,
  body: unknown,
  api: Requester,
): T {
  const json = typeof body === 'object' && body !== null ? (body as JsonObject)[key] : undefined;
  try {
    return hydrate(Class, json, api);
  } catch (error) {
    throw error instanceof Mismatch ? error.within(key) : error;
  }
}
