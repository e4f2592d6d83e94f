import zlib from 'node:zlib';
import { CANARY } from '../support/canary';
import { responseOf, bodyOf, editing, headOf, rewriting, rewritingAll, withBody } from './responses';
import {
  type ErrorName,
  type Fault,
  FINE,
  NEVER_BY_API,
  NEVER_UNKNOWN,
  often,
  ofDeletes,
  ONLY_READS,
  row,
  type Variant,
} from './fault';
import type { TestBed } from './test-bed';

type ResponseVariant = Partial<Variant> & Pick<Variant, 'arrange'>;

const unreadable = { error: 'UnexpectedResponseError', reaches: true, executes: true } as const;

/** A complete response that cannot be used. */
function corrupt(
  code: string,
  name: string,
  expectations: Variant['expectations'],
  of: ResponseVariant | readonly ResponseVariant[],
  cannot?: Fault['cannot'],
): Fault {
  const variants = [of].flat().map((variant) => ({ ...unreadable, expectations, ...variant }));
  return { code, name, variants, ...(cannot && { cannot }) };
}

const MIB = 2 ** 20;
const BOMB = zlib.gzipSync(Buffer.alloc(50 * MIB));
const DEEP = `{"image":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
const MANY_KEYS = Array.from({ length: 100_000 }, (_, at) => `"key${at}":${at}`).join();
const HOSTILE_KEYS =
  '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"prototype":1,"toString":2,"toJSON":3,' +
  '"then":4,"delete":5,"fetch":6,"raw":7,"url":8,"api":9,"hasOwnProperty":10,"valueOf":11,';

const gzipped = (body: Buffer): ResponseVariant['arrange'] =>
  rewriting((sent) => withBody(sent, body, 'content-encoding: gzip'));

/** The body as gzip, without its last bytes. */
const half = rewriting((sent) => {
  const packed = zlib.gzipSync(bodyOf(sent).length > 0 ? bodyOf(sent) : '{}');
  return withBody(sent, packed.subarray(0, packed.length - 12), 'content-encoding: gzip');
});

/** Adds this to every object that has an id. */
const insert = (text: string): ResponseVariant['arrange'] =>
  editing((body) => body.replaceAll('{"id":', `{${text}"id":`));

const statusOf = (status: string): ResponseVariant => ({
  name: status,
  arrange: rewriting((sent) => {
    const head = headOf(sent).replace(/^HTTP\/1\.1 .*/, `HTTP/1.1 ${status}`);
    return responseOf(head, bodyOf(sent));
  }),
});

const redirect = (
  code: string,
  name: string,
  variants: readonly [status: number, to: (place: TestBed) => string][],
): Fault => ({
  code,
  name,
  variants: variants.map(([status, to]) => ({
    name: String(status),
    error: 'RedirectError' satisfies ErrorName,
    expectations: NEVER_BY_API,
    reaches: true,
    executes: false,
    arrange: (place, times) =>
      void place.sandbox.fail({ with: 'redirect', status, to: to(place), ...often(times) }),
  })),
});

/** Only lists have links, and a wait for one action requests no list. */
const withoutLinks: Fault['cannot'] = ({ isList }) => (isList ? undefined : 'its response has no links');

const linking = (name: string, to: (port: number) => string): ResponseVariant => ({
  name,
  slack: 2,
  arrange: ({ sandbox, decoy }, times) =>
    void sandbox.fail({ with: 'foreign-link', to: to(decoy.port), ...often(times) }),
});

/** What is wrong with a response apart from its status. */
export const RESPONSE_FAULTS: readonly Fault[] = [
  corrupt('F20', 'not HTTP', NEVER_UNKNOWN, {
    arrange: rewritingAll(() => ({ data: Buffer.from('SSH-2.0-OpenSSH_9.6\r\n\r\n'), then: 'end' })),
  }),
  corrupt('F21', 'headers of 17 KB', NEVER_UNKNOWN, {
    arrange: rewriting((sent) => withBody(sent, '{}', `x-filler: ${'x'.repeat(17 * 1024)}`)),
  }),
  corrupt('F22', 'a control character in a header', NEVER_UNKNOWN, {
    arrange: rewriting((sent) => withBody(sent, '{}', 'x-evil: a\u0001b')),
  }),
  corrupt('F43', '200 HTML', ONLY_READS, {
    arrange: rewriting((sent) => withBody(sent, `<html>checking ${CANARY}</html>`)),
  }),
  corrupt(
    'F44',
    'invalid JSON',
    ONLY_READS,
    { arrange: editing((body) => `${body.slice(0, -1)},}`) },
    ofDeletes,
  ),
  corrupt('F45', 'truncated JSON', ONLY_READS, { arrange: editing((body) => body.slice(0, -20)) }, ofDeletes),
  corrupt('F46', 'an empty 200', row('again', 'once', 'ok', 'unknown', 'goes on'), {
    arrange: rewriting((sent) => withBody(sent, '')),
  }),
  corrupt('F47', 'a 204', row('again', 'once', 'ok', 'unknown', 'goes on'), {
    arrange: rewriting(() => Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')),
  }),
  corrupt(
    'F48',
    'another 2xx than usual',
    FINE,
    ['200 OK', '201 Created', '202 Accepted', '203 Non-Authoritative', '206 Partial Content', '299 '].map(
      statusOf,
    ),
  ),
  corrupt(
    'F49',
    'another root',
    NEVER_UNKNOWN,
    { arrange: editing((body) => body.replace(/"\w+"/, '"data"')) },
    ofDeletes,
  ),
  corrupt(
    'F50',
    'values of the wrong type',
    NEVER_UNKNOWN,
    [
      {
        arrange: ({ sandbox }, times) => void sandbox.fail({ with: 'wrong-types', ...often(times) }),
      },
      { name: 'null for an id', arrange: editing((body) => body.replaceAll(/"id":\d+/g, '"id":null')) },
      {
        name: 'the token for an id',
        arrange: editing((body) => body.replaceAll(/"id":\d+/g, `"id":"${CANARY}"`)),
      },
    ],
    ofDeletes,
  ),
  corrupt(
    'F51',
    'an id above 2^53',
    NEVER_UNKNOWN,
    { arrange: editing((body) => body.replaceAll(/"id":\d+/g, '"id":9007199254740993')) },
    ofDeletes,
  ),
  corrupt(
    'F52',
    'unknown values and fields',
    row('ok', 'ok', 'ok', 'ok', 'goes on'),
    {
      arrange: editing((body) =>
        body
          .replaceAll('{"id":', '{"new_field":{"a":[1]},"id":')
          .replaceAll(/"status":"[a-z-]+"/gi, '"status":"levitating"'),
      ),
    },
    ofDeletes,
  ),
  corrupt(
    'F53',
    'dates that are none',
    NEVER_UNKNOWN,
    { arrange: editing((body) => body.replaceAll(/_at":"[^"]*"/g, '_at":"2026-02-30T00:00:00Z"')) },
    ofDeletes,
  ),
  corrupt('F54', 'hostile keys', FINE, { arrange: insert(HOSTILE_KEYS) }, ofDeletes),
  corrupt('F55', '10 MiB and one byte', NEVER_UNKNOWN, {
    arrange: rewriting((sent) => withBody(sent, Buffer.alloc(10 * MIB + 1, ' '))),
  }),
  corrupt('F56', 'a gzip bomb', NEVER_UNKNOWN, { arrange: gzipped(BOMB) }),
  corrupt('F57', 'broken gzip', ONLY_READS, [
    { name: 'not gzip at all', arrange: gzipped(Buffer.from('{}')) },
    { name: 'truncated', arrange: half },
  ]),
  corrupt('F58', 'JSON 5,000 levels deep', NEVER_UNKNOWN, {
    arrange: rewriting((sent) => withBody(sent, DEEP)),
  }),
  corrupt('F59', '100,000 keys', FINE, { arrange: insert(`${MANY_KEYS},`) }, ofDeletes),
  redirect('F60', 'redirect, same origin', [
    [301, ({ endpoint }) => `${endpoint}/v2/images/7`],
    [307, () => '/v2/images/7'],
  ]),
  redirect('F61', 'redirect to another host', [
    [302, ({ decoy }) => `https://127.0.0.1:${decoy.port}/v2/images/5`],
    [308, ({ decoy }) => `//127.0.0.1:${decoy.port}/v2/images/5`],
  ]),
  redirect('F62', 'redirect in a circle', [[303, ({ endpoint }) => `${endpoint}/v2/images/5`]]),
  corrupt(
    'F63',
    'next link leads elsewhere',
    FINE,
    [
      linking('another port', (port) => `http://127.0.0.1:${port}/v2/images?page=2`),
      linking('another path', () => '/v1/secrets?page=2'),
      linking('no scheme', (port) => `//127.0.0.1:${port}/v2/images?page=2`),
      linking('user information', (port) => `http://a@127.0.0.1:${port}/?page=2`),
    ],
    withoutLinks,
  ),
  corrupt(
    'F64',
    'next links in circles',
    FINE,
    [
      linking('back to page 1', () => 'http://127.0.0.1/v2/images?page=1'),
      linking('mangled', () => 'http://127.0.0.1/v2/images?page=2?page=3'),
      linking('always further on', () => 'http://127.0.0.1/v2/images?page=999999999'),
      linking('no number', () => 'http://127.0.0.1/v2/images?page=two'),
    ],
    withoutLinks,
  ),
];
