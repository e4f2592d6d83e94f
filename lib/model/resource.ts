import { isPolluted, ownOptions } from '../util/options/own-options';
import { dateNow } from '../util/machine-timers';
import { type DeclaredField, fieldsOf, type JsonObject, Mismatch } from './fields';
import { block, INSPECT, type InspectOptions } from './inspect';
import type { Requester } from './requester';

/**
 * An object of the API, as it was when it was received. Reading a property sends no request, and no method changes the
 * object: `fetch()` returns a new one.
 */
export abstract class Resource {
  // Private, so that `console.log`, `JSON.stringify` and spread show the fields only.
  #raw: JsonObject | undefined;
  /** `undefined` for a resource that is nested in another one. */
  #api: Requester | undefined;
  #receivedAt = -Infinity;

  /** The JSON object as the API sent it, including fields unknown to this library. Do not modify it. */
  get raw(): Readonly<Record<string, unknown>> {
    return this.attached(this.#raw);
  }

  /** The manager that sends the resource's requests. @internal */
  protected get api(): Requester {
    this.attached(this.#raw);
    if (!this.#api)
      throw new TypeError(`${this.constructor.name}: is nested in another resource and cannot send requests`);
    return this.#api;
  }

  /** When the resource was received, by `Clock.now()`; `-Infinity` when that is unknown. @internal */
  protected get receivedAt(): number {
    return this.#receivedAt;
  }

  /** The declared fields under the API's names, as `api.image()` and `api.action()` accept them. */
  toJSON(): Record<string, unknown> {
    const json: Record<string, unknown> = {};
    for (const { property, wire, write } of fieldPlanOf(this.constructor).fields) {
      json[wire] = write(this[property as keyof this]);
    }
    return json;
  }

  /** Shows the declared fields as a block, one per line. @internal */
  [INSPECT](depth: number | null, options: InspectOptions): string {
    const entries = fieldPlanOf(this.constructor).fields.map(
      ({ property }) => [property, this[property as keyof this]] as const,
    );
    // The dates are by the server's clock.
    const api = #api in this ? this.#api : undefined;
    const now = api ? api.clock.date() + api.clockSkew : dateNow();
    return block(this.constructor.name, entries, now, depth, options);
  }

  private attached<V>(value: V | undefined): V {
    if (value === undefined) throw new TypeError(`${this.constructor.name}: made by a DOApi, never with new`);
    return value;
  }

  /** Attaches the JSON and the manager that a resource came from. @internal */
  static attach(resource: Resource, raw: JsonObject, api?: Requester, receivedAt = -Infinity): void {
    resource.#raw = raw;
    resource.#api = api;
    resource.#receivedAt = receivedAt;
  }
}

/** A class with `@field` declarations. */
export type ResourceClass<T extends object> = new () => T;

interface FieldPlan {
  fields: readonly DeclaredField[];
  /** Those that are resources themselves. */
  nested: readonly DeclaredField[];
}

const fieldPlans = new WeakMap<object, FieldPlan>();

/**
 * The `@field` declarations of a class, gathered once. `plainToInstance` would look them up for every key of every object,
 * which takes 7.5 times as long as parsing the JSON.
 */
function fieldPlanOf(Class: object): FieldPlan {
  let plan = fieldPlans.get(Class);
  if (!plan) {
    const fields = fieldsOf((Class as { prototype: object }).prototype);
    plan = { fields, nested: fields.filter(({ isResource }) => isResource) };
    fieldPlans.set(Class, plan);
  }
  return plan;
}

/** Reads the declared fields of `json` into a new instance. @throws Mismatch naming the field */
export function read<T extends object>(Class: ResourceClass<T>, json: unknown): T {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Mismatch('', 'an object', json);
  // A field that the API leaves out must not come from Object.prototype: a polluted `status` would end waits.
  const source = (isPolluted() ? ownOptions(json) : json) as JsonObject;
  const instance = new Class();
  const fields = instance as Record<string, unknown>;
  const plan = fieldPlanOf(Class).fields;
  let planned: DeclaredField | undefined;
  try {
    // Not for-of: until it is optimised, its iterator takes as long as reading the fields.
    for (let at = 0; (planned = plan[at]); at++) {
      fields[planned.property] = planned.read(source[planned.wire], source);
    }
  } catch (error) {
    throw error instanceof Mismatch && planned ? error.within(planned.wire) : error;
  }
  return instance;
}

/** What was asked for: fields of the API's JSON and their values. */
export interface Asked {
  id?: number | string;
  /** Upper and lower case are the same. */
  slug?: string;
  /** The resource of an action; an answer may leave it out. */
  resource_id?: number | null;
}

/**
 * Checks that an object is what was asked for: whatever sends the response of another request, such as a cache or a proxy,
 * must not make its object pass for this one.
 * @throws Mismatch naming the field
 */
export function checkAsked(json: JsonObject, asked: Asked): void {
  const own = <K extends keyof Asked>(name: K): Asked[K] | undefined =>
    Object.hasOwn(asked, name) ? asked[name] : undefined;
  const [id, slug, resource = null] = [own('id'), own('slug'), own('resource_id')];
  if (id !== undefined && json.id !== id) throw new Mismatch('id', `${id}, as asked for`, json.id);
  if (slug !== undefined && String(json.slug).toLowerCase() !== slug.toLowerCase())
    throw new Mismatch('slug', `${slug}, as asked for`, json.slug);
  const got = Object.hasOwn(json, 'resource_id') ? json.resource_id : null;
  if (resource !== null && got !== undefined && got !== null && got !== resource)
    throw new Mismatch('resource_id', `${resource}, as asked for`, got);
}

/**
 * Creates a resource from the API's JSON and attaches it to `api`.
 * @param receivedAt when the JSON was received, by `api.clock.now()`; `-Infinity` when that is unknown
 * @param asked what the object must be
 * @throws Mismatch naming the field
 */
export function hydrate<T extends Resource>(
  Class: ResourceClass<T>,
  json: unknown,
  api: Requester,
  receivedAt = api.clock.now(),
  asked?: Asked,
): T {
  const resource = read(Class, json);
  if (asked) checkAsked(json as JsonObject, asked);
  Resource.attach(resource, json as JsonObject, api, receivedAt);
  const { nested: declared } = fieldPlanOf(Class);
  // Not for-of, as above.
  for (let at = 0, field = declared[at]; field; field = declared[++at]) {
    const { property, wire } = field;
    const nested = resource[property as keyof T] as Resource | null;
    if (nested) Resource.attach(nested, (json as JsonObject)[wire] as JsonObject, api, receivedAt);
  }
  return resource;
}

/** A codec for a resource inside another one; `null` when it is absent, or a slug in its place, as the API sent in 2014. */
export function nested<T extends Resource>(
  Class: ResourceClass<T>,
): { isResource: true; read: (value: unknown) => T | null; write: (value: unknown) => unknown } {
  return {
    isResource: true,
    read(value) {
      if (value === undefined || value === null || typeof value === 'string') return null;
      const resource = read(Class, value);
      Resource.attach(resource, value as JsonObject);
      return resource;
    },
    write: (value) => (value as T | null)?.toJSON() ?? null,
  };
}

/**
 * Creates a resource from the object under `key` of a response body.
 * @param asked what the object must be
 * @throws Mismatch naming key and field
 */
export function unwrap<T extends Resource>(
  Class: ResourceClass<T>,
  key: string,
  body: unknown,
  api: Requester,
  asked?: Asked,
): T {
  const json = typeof body === 'object' && body !== null ? (body as JsonObject)[key] : undefined;
  try {
    return hydrate(Class, json, api, undefined, asked);
  } catch (error) {
    throw error instanceof Mismatch ? error.within(key) : error;
  }
}
