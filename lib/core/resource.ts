import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { TransformationType } from 'class-transformer/cjs/enums/transformation-type.enum';
import { type Codec, type FieldTransform, type JsonObject, Mismatch } from './fields';
import { block, INSPECT, type InspectOptions } from './inspect';
import type { Requester } from './requester';

/** What every instance carries besides its fields; out of sight of `console.log`, `JSON.stringify` and spread. */
interface Luggage {
  raw: JsonObject;
  /** What stands inside another resource sends nothing itself. */
  api?: Requester;
  receivedAt?: number;
}

/**
 * Something the API knows by name. A snapshot: reading a property never sends anything, a method never changes the
 * object, and `fetch()` returns a new one.
 */
export abstract class Resource {
  #luggage: Luggage | undefined;

  /** The object as the API sent it, with fields this library does not know yet. Not to be changed. */
  get raw(): JsonObject {
    return this.luggage.raw;
  }

  /** The manager, asked for the least. @internal */
  protected get api(): Requester {
    const { api } = this.luggage;
    if (!api)
      throw new TypeError(`${this.constructor.name}: stands inside another resource, and has no manager`);
    return api;
  }

  /** When this state was received, on the manager's clock. @internal */
  protected get receivedAt(): number {
    return this.luggage.receivedAt ?? -Infinity;
  }

  /** The declared fields in the API's own shape, ready for `JSON.stringify` and for going back in. */
  toJSON(): Record<string, unknown> {
    const json: Record<string, unknown> = {};
    for (const { property, wire, write } of planOf(this.constructor)) {
      json[wire] = write(this[property as keyof this]);
    }
    return json;
  }

  /** What `console.log` shows: a block of the declared fields. @internal */
  [INSPECT](depth: number | null, options: InspectOptions): string {
    const entries = planOf(this.constructor).map(
      ({ property }) => [property, this[property as keyof this]] as const,
    );
    // Its dates are those of the server's clock.
    const api = #luggage in this ? this.#luggage?.api : undefined;
    const now = api ? api.clock.date() + api.skew : Date.now();
    return block(this.constructor.name, entries, now, depth, options);
  }

  private get luggage(): Luggage {
    if (!this.#luggage) throw new TypeError(`${this.constructor.name}: made by a DOApi, never with new`);
    return this.#luggage;
  }

  /** @internal */
  static pack(resource: Resource, luggage: Luggage): void {
    resource.#luggage = luggage;
  }
}

/** A class whose instances are read from JSON. */
export type ResourceClass<T extends object> = new () => T;

interface PlannedField extends Codec {
  property: string;
  wire: string;
}

const plans = new WeakMap<object, readonly PlannedField[]>();

/**
 * The declarations of a class, read once from class-transformer's metadata into a flat list. `plainToInstance` looks
 * them up again for every key of every object, which costs 7.5 times the parsing of the JSON.
 */
function planOf(Class: object): readonly PlannedField[] {
  let plan = plans.get(Class);
  if (!plan) {
    const toClass = TransformationType.PLAIN_TO_CLASS;
    plan = defaultMetadataStorage.getExposedProperties(Class as never, toClass).map((property) => {
      const [metadata] = defaultMetadataStorage.findTransformMetadatas(Class as never, property, toClass);
      const { codec, wire } = metadata?.transformFn as unknown as FieldTransform;
      return { property, wire, ...codec };
    });
    plans.set(Class, plan);
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
  let wire = '';
  try {
    for (const planned of planOf(Class)) {
      wire = planned.wire;
      fields[planned.property] = planned.read(source[wire], source);
    }
  } catch (error) {
    throw error instanceof Mismatch ? error.within(wire) : error;
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
  Resource.pack(resource, { api, raw: json as JsonObject, receivedAt });
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
