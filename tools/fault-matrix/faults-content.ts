import { editing, inOneByteChunks, rewriting } from './responses';
import { type Expectation, type Fault, FINE, NEVER_UNKNOWN, row, type Variant } from './fault';
import { IMAGES, type Operation } from './operations';

type Json = Record<string, unknown>;

const unexpected = { error: 'UnexpectedResponseError', reaches: true, executes: true } as const;

const KIB = 2 ** 10;

/** A reading sends at most four times as many requests as the first page promises, and its concurrency (8) more. */
const MAX_REQUESTS = 4 * (IMAGES / 2 + 8);

/** Changes the JSON of response bodies. */
const altering = (change: (json: Json) => unknown): Variant['arrange'] =>
  editing((body) => JSON.stringify(change(JSON.parse(body) as Json)));

/** Changes the resource in a body, of which it is the only one. */
const ofAnother = altering((json) =>
  Object.fromEntries(
    Object.entries(json).map(([root, value]) => [root, isResource(value) ? another(value) : value]),
  ),
);

const isResource = (value: unknown): value is Json & { id: number } =>
  typeof (value as Json | null)?.id === 'number';

const another = (resource: Json & { id: number }): Json => ({
  ...resource,
  id: resource.id + 1_000,
  ...(typeof resource.slug === 'string' && { slug: 'another-slug' }),
});

/** Only the last action of a list is about another resource: one is enough. */
const ofAnotherResource = editing((body) => {
  const field = body.lastIndexOf('"resource_id":');
  if (field < 0) return body;
  const at = field + '"resource_id":'.length;
  return `${body.slice(0, at)}1${body.slice(at)}`;
});

/** Every page has new items, and a link to a page far behind it. */
function withoutEnd(): Variant['arrange'] {
  let id = 1_000_000;
  let page: Json[] = [];
  const next = 'http://127.0.0.1/v2/images?page=999999999';
  return altering((json) => {
    const [key = '', items] = Object.entries(json).find(([, value]) => Array.isArray(value)) ?? [];
    if (!Array.isArray(items)) return json;
    if (page.length === 0) page = items as Json[];
    return { ...json, [key]: page.map((item) => ({ ...item, id: id++ })), links: { pages: { next } } };
  });
}

const asksForNoId = ({ column, isList }: Operation): string | undefined => {
  if (column === 'delete') return 'the response to DELETE has no body';
  if (column === 'post' || column === 'job') return 'it makes something new, whose id is not known before';
  return isList ? 'it does not request one resource by its id or slug' : undefined;
};

const OF_ACTIONS = ['transfer', 'convert', 'list image actions', 'snapshot', 'takeSnapshot', 'rebuild'];

const ofNoActions = ({ name }: Operation): string | undefined =>
  OF_ACTIONS.includes(name) ? undefined : 'it does not request actions of a resource';

const ofNoList = ({ isList }: Operation): string | undefined =>
  isList ? undefined : 'its response is not a list';

const ONE_PAGE: Readonly<Record<string, Expectation>> = { 'list page': 'ok', takeSnapshot: 'goes on' };

/** Well-formed responses whose content is not what was requested, or arrives in too many pieces. */
export const CONTENT_FAULTS: readonly Fault[] = [
  {
    code: 'F65',
    name: 'a response about another id',
    variants: [{ ...unexpected, expectations: NEVER_UNKNOWN, arrange: ofAnother }],
    cannot: asksForNoId,
  },
  {
    code: 'F66',
    name: 'an action of another resource',
    variants: [
      {
        ...unexpected,
        expectations: NEVER_UNKNOWN,
        // Its first list has no actions: the response to the POST is the first that it cannot use.
        exceptions: { takeSnapshot: 'unknown' },
        arrange: ofAnotherResource,
      },
    ],
    cannot: ofNoActions,
  },
  {
    code: 'F67',
    name: 'chunks of one byte',
    variants: [0, 64 * KIB].map((size) => ({
      ...unexpected,
      name: `${size} bytes`,
      expectations: FINE,
      arrange: rewriting((response) => inOneByteChunks(response, size)),
    })),
  },
  {
    code: 'F68',
    name: 'pages without end',
    variants: [
      {
        ...unexpected,
        expectations: row('ends', 'once', 'once', 'once', 'once'),
        exceptions: ONE_PAGE,
        slack: MAX_REQUESTS,
        arrange: (bed, times) => withoutEnd()(bed, times),
      },
    ],
    cannot: ofNoList,
  },
];

/** Too heavy for every operation: a body in too many pieces is refused, and costs no memory. */
export const TEN_MIB_IN_BYTES: Fault = {
  code: 'F67',
  name: '10 MiB in chunks of one byte',
  variants: [
    {
      ...unexpected,
      expectations: NEVER_UNKNOWN,
      arrange: rewriting((response) => inOneByteChunks(response, 10 * KIB * KIB)),
    },
  ],
};
