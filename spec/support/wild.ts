import fc from 'fast-check';

/** Keys that a response must not be able to set on an object. */
export const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'then',
  'toJSON',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'url',
  'actionUrl',
  'raw',
  'api',
  'attach',
  'receivedAt',
  'delete',
  'fetch',
  'update',
  'minDiskSize',
  'brand_new',
];

const HOSTILE_VALUES = [{ polluted: 1 }, null, 'text', 5, true, []];

/** A JSON object with some of these keys as own properties, as `JSON.parse` creates them. */
export const hostileJson = fc.nat(2 ** HOSTILE_KEYS.length - 1).map((chosen) => {
  const json: Record<string, unknown> = {};
  for (const [index, key] of HOSTILE_KEYS.entries()) {
    const value = HOSTILE_VALUES[(chosen + index) % HOSTILE_VALUES.length];
    if ((chosen >> index) & 1) Object.defineProperty(json, key, { value, enumerable: true, writable: true });
  }
  return json;
});

const text = fc.string({ unit: 'binary', maxLength: 8 });
const texts = fc.array(text, { maxLength: 4 });
const number = fc.oneof(
  fc.nat(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
);
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
/** Years of four digits. */
const moment = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});
const date = fc.oneof(
  fc.constant(''),
  moment.map((one) => one.toISOString()),
  moment.map((one) => one.toISOString().replace(/\.\d+Z/, '+00:00')),
);

/** Any image that the library must accept: all fields but the id may be `null` or missing. */
export const anyImage: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    fc.record(
      {
        id,
        name: fc.option(text),
        type: fc.option(text),
        distribution: fc.option(text),
        slug: fc.option(text),
        public: fc.option(fc.boolean()),
        regions: fc.option(texts),
        min_disk_size: fc.option(number),
        size_gigabytes: fc.option(number),
        created_at: fc.option(date),
        description: fc.option(text),
        tags: fc.option(texts),
        status: fc.option(text),
        error_message: fc.option(text),
      },
      { requiredKeys: ['id'], noNullPrototype: true },
    ),
    hostileJson,
  )
  .map(([image, hostile]) => Object.defineProperties(hostile, Object.getOwnPropertyDescriptors(image)));
