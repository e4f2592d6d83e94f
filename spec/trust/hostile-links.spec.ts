import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RedirectError } from '../../lib';
import { rejection } from '../support/rejection';
import { traceIn } from '../../tools/support/canary';
import { DecoyServer, TestBed } from '../../tools/fault-matrix/test-bed';
import { IDS, IMAGES } from '../../tools/fault-matrix/operations';

let bed: TestBed;
/** A second decoy, on another address of this machine. */
let neighbour: DecoyServer;

beforeEach(async () => {
  bed = await TestBed.open();
  neighbour = new DecoyServer();
  await neighbour.listen('127.0.0.2');
});
afterEach(async () => {
  expect([bed.decoy.connections, neighbour.connections]).toEqual([0, 0]);
  expect(
    traceIn(Buffer.concat([...bed.decoy.received, ...neighbour.received]).toString('latin1')),
  ).toBeNull();
  await neighbour.close();
  await bed.close();
});

/** Links to other places than the API. `{E}` and `{N}` stand for the addresses of the two decoys. */
const FOREIGN_LINKS = [
  'http://{E}/v2/images?page=2',
  'http://{N}/v2/images?page=2',
  'https://{E}/v2/images?page=2',
  '//{E}/v2/images?page=2',
  '///{E}/v2/images?page=2',
  '\\\\{E}\\v2\\images?page=2',
  'http:/{E}/v2/images?page=2',
  'http:{E}/v2/images?page=2',
  'http://user:pass@{E}/v2/images?page=2',
  'http://api.digitalocean.com@{E}/v2/images?page=2',
  'http://{E}#@api.digitalocean.com/v2/images?page=2',
  'http://{E}\\@api.digitalocean.com/v2/images?page=2',
  'http://{E}?@api.digitalocean.com/v2/images?page=2',
  '@{E}/v2/images?page=2',
  '{E}/v2/images?page=2',
  'ftp://{E}/v2/images?page=2',
  'ws://{E}/v2/images?page=2',
  'file:///etc/passwd?page=2',
  'data:application/json,{"images":[]}?page=2',
  'javascript:fetch("http://{E}")?page=2',
  'blob:http://{E}/5?page=2',
  'unix:/var/run/docker.sock?page=2',
  'http://[::1]:1/v2/images?page=2',
  'http://0.0.0.0:1/v2/images?page=2',
  'http://2130706433/v2/images?page=2',
  'http://0x7f.1/v2/images?page=2',
  'http://localhost。/v2/images?page=2',
  'http://ａｐｉ.example/v2/images?page=2',
  'http://xn--e1afmkfd.example/v2/images?page=2',
  'http://{E}:0/v2/images?page=2',
  'http://{E}/../../v2/images?page=2',
  '/v1/images?page=2',
  '/v2/account?page=2',
  '/v2/images/../account/keys?page=2',
  '/v2/images/%2e%2e/account?page=2',
  '/../../etc/passwd?page=2',
  '?page=2',
  '?page=2#http://{E}',
  '?page=2&url=http://{E}',
  '?x=1&page=2&page=3',
  '?page=2?page=3?page=4',
  '?page=-1',
  '?page=2.5',
  '?page=1e9',
  '?page=0x10',
  '?page=999999999999999999999',
  '?page=2%00',
  '?page=2\r\nHost: {E}',
  '\r\nGET http://{E}/ HTTP/1.1\r\n\r\n?page=2',
  'http://{E}/v2/images?page=2&token=abc',
  '\u0000http://{E}/?page=2',
  ' http://{E}/v2/images?page=2 ',
];

const resolved = (template: string): string =>
  template.replaceAll('E', `127.0.0.1:${bed.decoy.port}`).replaceAll('{N}', `127.0.0.2:${neighbour.port}`);

describe('a link to the next page', () => {
  it('is tried in at least 50 forms', () => {
    expect(new Set(FOREIGN_LINKS).size).toBeGreaterThanOrEqual(50);
  });

  it.each(FOREIGN_LINKS)('gives a page number and nothing else: %j', async (template) => {
    bed.sandbox.fail({ with: 'foreign-link', to: resolved(template) });
    const api = bed.api();
    const images = await api.fetchAllImages({ perPage: 2 }).toArray();
    expect(images).toHaveLength(IMAGES);
    const { requests } = bed.sandbox;
    expect(requests.length).toBeLessThanOrEqual(IMAGES / 2 + 2);
    for (const { method, path, query } of requests) {
      expect({ method, path }).toEqual({ method: 'GET', path: '/v2/images' });
      expect(query).toEqual({ page: expect.stringMatching(/^\d$/), per_page: '2' });
    }
    await api.close();
  });
});

const CODES = [301, 302, 303, 307, 308];
const TARGETS = [
  'http://{E}/v2/images/5',
  'http://{N}/v2/images/5',
  '//{E}/v2/images/5',
  '/v2/images/7',
  '{SELF}/v2/images/7',
];

describe('a redirect', () => {
  describe.each(CODES)('%i', (status) => {
    it.each(TARGETS)('is not followed: %s', async (template) => {
      const to = resolved(template);
      bed.sandbox.fail({ with: 'redirect', status, to });
      const api = bed.api();
      const image = api.image(IDS.image);
      const calls = [
        image.fetch(),
        image.update({ name: 'x' }),
        image.delete(),
        image.transfer('sfo3'),
        api.fetchAllImages().first(),
        api.createCustomImage({ name: 'mine', url: 'https://example.com/x', region: 'nyc3' }),
      ];
      for (const call of calls) {
        const error = await rejection(call);
        expect(error).toBeInstanceOf(RedirectError);
        expect(error).toMatchObject({ status, attempts: 1 });
      }
      expect(bed.sandbox.requests).toHaveLength(calls.length);
      expect(bed.sandbox.requests.filter(({ path }) => path.includes('7'))).toEqual([]);
      await api.close();
    });
  });
});
