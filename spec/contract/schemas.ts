import { createRequire } from 'node:module';

/** The part of ajv that is used: its types are missing until the contract's packages are installed. */
interface Ajv {
  addSchema(schema: object, key: string): Ajv;
  compile(schema: object): ((value: unknown) => boolean) & { errors?: SchemaError[] | null };
}

/** An error of a value. */
export interface SchemaError {
  /** Such as `/action/region`. */
  instancePath: string;
  message?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** The schemas of an OpenAPI document. */
export class Schemas {
  readonly #document: Json;
  readonly #ajv: Ajv;

  constructor(document: object) {
    this.#document = document as Json;
    const load = createRequire(__filename);
    const { default: AjvClass } = load('ajv') as { default: new (options: object) => Ajv };
    const formats = {
      'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      float: true,
      double: true,
      int32: true,
      ipv4: /^\d{1,3}(\.\d{1,3}){3}$/,
      ipv6: /^[0-9a-f:]+$/,
      uri: /^https?:\/\//,
    };
    // The pattern of a tag's name is invalid with the u flag: contradiction 3.
    const options = { strict: false, unicodeRegExp: false, allErrors: true, formats };
    this.#ajv = new AjvClass(options).addSchema(document, 'openapi');
  }

  /** Every operation of the document, as `GET /v2/images/{image_id}`. */
  operations(): string[] {
    const methods = ['get', 'post', 'put', 'delete'];
    return Object.entries(this.#document.paths as Record<string, object>).flatMap(([path, all]) =>
      methods.filter((method) => method in all).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  /** The pointer to the schema of the response with this status; `null` when it has no body. */
  response(operation: string, status: number): string | null {
    const responses = `${pointerTo(operation)}/responses`;
    const key = String(status) in (this.#at(responses) as Json) ? String(status) : 'default';
    return this.#contentOf(this.#resolve(`${responses}/${key}`));
  }

  /** Whether the document declares this status, other than by `default`. */
  declares(operation: string, status: number): boolean {
    return String(status) in (this.#at(`${pointerTo(operation)}/responses`) as Json);
  }

  /** The pointer to the schema of the request; `null` when it has no body. */
  request(operation: string): string | null {
    const pointer = `${pointerTo(operation)}/requestBody`;
    return this.#at(pointer) === undefined ? null : this.#contentOf(this.#resolve(pointer));
  }

  /** The errors of a value. @param schema a pointer or a schema */
  errors(schema: string | object, value: unknown): SchemaError[] {
    const wanted = typeof schema === 'string' ? { $ref: `openapi${schema}` } : schema;
    const validate = this.#ajv.compile(wanted);
    return validate(value) ? [] : (validate.errors ?? []);
  }

  /** Paths in a value that the schema does not declare, such as `/image/colour`. */
  undeclared(schema: string | object, value: unknown, path = ''): string[] {
    if (Array.isArray(value)) {
      const all = value.flatMap((item) => this.undeclared(itemsOf(this.#parts(schema)), item, `${path}/*`));
      return [...new Set(all)];
    }
    if (typeof value !== 'object' || value === null) return [];
    const parts = this.#parts(schema);
    if (parts.every((part) => part.properties === undefined)) return [];
    return Object.entries(value).flatMap(([key, one]) => {
      const inner = parts.flatMap(({ properties }) => (properties as Json | undefined)?.[key] ?? []);
      return inner.length === 0
        ? [`${path}/${key}`]
        : this.undeclared({ allOf: inner }, one, `${path}/${key}`);
    });
  }

  /** The schema and the schemas that it combines. */
  #parts(schema: unknown): Json[] {
    const own = (typeof schema === 'string' ? this.#at(schema) : schema) as Json;
    const { $ref, allOf = [], anyOf = [], oneOf = [] } = own;
    const others = [
      ...list(allOf),
      ...list(anyOf),
      ...list(oneOf),
      ...($ref === undefined ? [] : [localOf($ref as string)]),
    ];
    return [own, ...others.flatMap((one) => this.#parts(one))];
  }

  #contentOf(pointer: string): string | null {
    const schema = `${pointer}/content/application~1json/schema`;
    return this.#at(schema) === undefined ? null : schema;
  }

  #resolve(pointer: string): string {
    const { $ref } = this.#at(pointer) as { $ref?: string };
    return $ref === undefined ? pointer : this.#resolve($ref);
  }

  #at(pointer: string): unknown {
    const steps = pointer.split('/').slice(1);
    return steps.reduce<unknown>(
      (value, step) => (value as Json | undefined)?.[unescape(step)],
      this.#document,
    );
  }
}

function pointerTo(operation: string): string {
  const [method = '', path = ''] = operation.split(' ');
  return `#/paths/${encodeURIComponent(path.replaceAll('/', '~1'))}/${method.toLowerCase()}`;
}

function unescape(step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Ajv's name of `#/components/…` is `openapi#/components/…`. */
function localOf(reference: string): string {
  return reference.slice(reference.indexOf('#'));
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function itemsOf(parts: Json[]): object {
  return { allOf: parts.flatMap(({ items }) => items ?? []) };
}
