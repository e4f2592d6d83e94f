import { ApiError } from '../state/api-error';
import type { RequestQuery } from './route-handler';

/** The names that a tag can have. */
const TAG_NAME = /^[a-zA-Z0-9_:-]{1,255}$/;

export function isTagName(value: unknown): value is string {
  return typeof value === 'string' && TAG_NAME.test(value);
}

/** A parameter of the query; `null` without it. @throws ApiError 422 for a value that is not one of `values` */
export function queryValue<T extends string>(
  query: RequestQuery,
  name: string,
  values: readonly T[],
): T | null {
  const text = query.get(name);
  const value = values.find((one) => one === text);
  if (text !== null && value === undefined) throw new ApiError(422, `${name} is invalid.`);
  return value ?? null;
}

/** An id of the path. @throws ApiError 404 if it is not an id */
export function readId(text: string | undefined): number {
  if (text === undefined || !/^[1-9]\d{0,15}$/.test(text)) throw new ApiError(404);
  return Number(text);
}

interface FieldTypes {
  text: string;
  id: number;
  tags: string[];
}

/** The type of a field in a request body. With `?` the field may be absent or null. */
type FieldType = keyof FieldTypes | `${keyof FieldTypes}?`;

type Read<T extends FieldType> = T extends `${infer Base extends keyof FieldTypes}?`
  ? FieldTypes[Base] | undefined
  : T extends keyof FieldTypes
    ? FieldTypes[T]
    : never;

const FIELD_TESTS: { [T in keyof FieldTypes]: (value: unknown) => value is FieldTypes[T] } = {
  text: (value) => typeof value === 'string',
  id: (value): value is number => Number.isSafeInteger(value),
  tags: (value): value is string[] => Array.isArray(value) && value.every(isTagName),
};

/**
 * The fields of a request body, with the 422 messages of the API: unlike `util/validate`, this is not about arguments.
 * @throws ApiError 422 for a field that is missing or has the wrong type
 */
export function parseRequestFields<F extends Record<string, FieldType>>(
  body: Readonly<Record<string, unknown>>,
  fields: F,
): { [K in keyof F]: Read<F[K]> } {
  const values = Object.entries(fields).map(([name, type]) => {
    const value = (Object.hasOwn(body, name) ? body[name] : null) ?? undefined;
    const optional = type.endsWith('?');
    const base = type.replace('?', '') as keyof FieldTypes;
    if (value === undefined && optional) return [name, undefined];
    if (value === undefined || (value === '' && !optional)) throw new ApiError(422, `${name} is required.`);
    if (!FIELD_TESTS[base](value)) throw new ApiError(422, `${name} is invalid.`);
    return [name, value];
  });
  return Object.fromEntries(values) as { [K in keyof F]: Read<F[K]> };
}
