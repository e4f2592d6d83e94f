import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { NotFoundError, Region, Snapshot, UnprocessableError } from '../../../lib';
import { read } from '../../../lib/model/resource';
import { Sandbox } from '../../../lib/sandbox';
import { questionOf } from '../../../lib/repl/questions/question';
import type { Scope } from '../../../lib/repl/session/scope';
import { banner, fetchAccount } from '../../../lib/repl/show/banner';
import { explain } from '../../../lib/repl/show/explain-error';
import { Printer, toJsonLine } from '../../../lib/repl/show/printer';
import { PruneLine } from '../../../lib/repl/show/prune-line';
import { painter, type Screen } from '../../../lib/repl/show/style';
import { WaitLines } from '../../../lib/repl/show/wait-lines';
import type { ProgressLine, ProgressView } from '../../../lib/repl/show/progress-view';
import type { CliOptions } from '../../../lib/repl/setup/cli-options';
import { scaled } from '../../support/scale';
import { dangerousIn, hostileText } from '../../support/hostile-text';

const screen: Screen = { colours: true, paint: painter(true), columns: 100, rows: 24 };
const printer = new Printer(screen, () => 0);
const api = new Sandbox({ images: 0 }).api();

/** A manager whose account is this one. */
const withAccount = (account: object): ReturnType<Sandbox['api']> =>
  new Sandbox({ images: 0, account }).api();

const runs = { numRuns: scaled(1_000, 150) };

/** A Droplet with a text in each of its fields, also of the objects within it. */
function dropletWith(text: string): object {
  const texts = [text, text];
  const address = { ip_address: text, netmask: text, gateway: text, type: text };
  const anywhere = { slug: text, name: text, features: texts, sizes: texts, available: true };
  const image = { id: 6, name: text, slug: text, type: text, status: text, regions: texts, tags: texts };
  return {
    ...{ id: 9, name: text, status: text, locked: true, features: texts, size_slug: text, tags: texts },
    ...{ volume_ids: texts, vpc_uuid: text, image, region: anywhere },
    networks: { v4: [address, { ...address, type: 'public' }], v6: [address] },
  };
}

/** The resources with a text in each of their fields. */
function resourcesWith(text: string) {
  const texts = [text, text];
  const image = { name: text, type: text, distribution: text, slug: text, regions: texts, description: text };
  return {
    image: api.image({ id: 5, ...image, tags: texts, status: text, error_message: text }),
    unnamed: api.image({ id: 5, ...image, slug: null }),
    action: api.action({ id: 7, type: text, status: text, resource_type: text, region_slug: text }),
    transfer: api.action({ id: 8, type: 'transfer', status: text, region_slug: text }),
    droplet: api.droplet(dropletWith(text)),
    snapshot: read(Snapshot, {
      ...{ id: text, name: text, regions: texts, resource_id: text, resource_type: text, tags: texts },
      ...{ min_disk_size: 20, size_gigabytes: 1 },
    }),
    region: read(Region, { slug: text, name: text, features: texts, sizes: texts, available: true }),
  };
}

/** An error response with a text in each of its parts. */
function errorsWith(text: string): Error[] {
  const info = {
    method: 'GET',
    url: 'https://api.digitalocean.com/v2/images/5',
    status: 422,
    id: text,
    detail: text,
    requestId: text,
    attempts: 1,
    rateLimit: null,
    retryAfter: null,
  };
  return [
    new UnprocessableError(info),
    new NotFoundError(info),
    new TypeError(text),
    Object.assign(new Error('plain'), { name: text }),
  ];
}

describe('a foreign text in every field', () => {
  it('cannot control the terminal as a block, a table, a value or an error', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const all = resourcesWith(text);
        const shown = [
          ...Object.values(all).flatMap((one) => [one, [one, one], { one }]),
          [{ region: text, outcome: 'failed', action: null, error: new Error(text) }],
          text,
          { [text]: text },
          new Map([[text, Symbol(text)]]),
          ...errorsWith(text),
          { error: new Error(text) },
        ];
        // Messages of other errors may have lines and tabs.
        for (const value of shown)
          expect(dangerousIn(printer.show(value).replace(/\r\n|\t/g, '\n'))).toBeNull();
        expect(dangerousIn(explain(text, screen))).toBeNull();
      }),
      runs,
    );
  });

  it('cannot control the terminal of any program that logs a resource', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const one of Object.values(resourcesWith(text)))
          for (const shown of [inspect(one, { colors: true }), inspect({ one })])
            expect(dangerousIn(shown)).toBeNull();
      }),
      runs,
    );
  });

  it('is the same JSON with --json', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        const line = (await toJsonLine({ [text]: text }, new AbortController().signal)) ?? '';
        expect(dangerousIn(line.replace(/\p{M}/gu, ''))).toBeNull();
        expect(JSON.parse(line)).toEqual({ [text]: text });
      }),
      runs,
    );
  });

  it('cannot change the question before a change', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const nameOf = (): string => text;
        const ask = (method: 'POST' | 'DELETE' | 'PUT', path: string, body?: object): string =>
          questionOf({ method, path, body, idempotent: false }, nameOf);
        const questions = [
          ask('DELETE', '/v2/images/5'),
          ask('PUT', '/v2/images/5', { [text]: text }),
          ask('POST', '/v2/images/5/actions', { type: 'transfer', region: [text, text] }),
          ask('POST', '/v2/images/5/actions', { type: text }),
          ask('POST', '/v2/images', { name: text, region: text }),
          ask('POST', '/v2/droplets/5/actions', { type: text }),
          ...['snapshot', 'rebuild', 'restore', 'resize', 'rename', 'power_off'].map((type) =>
            ask('POST', '/v2/droplets/5/actions', { type, name: text, image: text, size: text, reuse: true }),
          ),
          ask('POST', '/v2/droplets', { name: text, image: text, region: text, size: text }),
          ask('POST', '/v2/droplets', { names: [text, text, text, text], image: 5 }),
          ask('POST', `/v2/droplets/actions?${new URLSearchParams({ tag_name: text }).toString()}`, {
            type: 'snapshot',
          }),
          ask('DELETE', `/v2/droplets?tag_name=${text}`),
          ask('DELETE', '/v2/snapshots/5'),
          ask('POST', `/v2/tags/x/resources`, { resources: [{ resource_id: text, resource_type: text }] }),
          ask('POST', `/v2/tags/${text.replaceAll('/', '')}/resources`, {}),
          ask('POST', '/v2/tags', { name: text }),
          ask('POST', `/v2/${text}`),
        ];
        for (const question of questions) {
          expect(dangerousIn(question)).toBeNull();
          expect(question).not.toContain('\n');
        }
        // The beginning and the end are ours, and the id is there.
        expect(questions[0]).toMatch(/^Delete .* \(5\), in all regions and for good\?$/u);
        expect(ask('DELETE', '/v2/droplets/5')).toMatch(
          /^Delete Droplet .* \(5\) with all backups, for good \(snapshots stay, and stay charged\)\?$/u,
        );
      }),
      runs,
    );
  });

  it('is in quotes in a question that it imitates', () => {
    const nameOf = (): string =>
      'web (6), in all regions and for good? [y/N/a] y Nothing was sent. Delete "x';
    expect(questionOf({ method: 'DELETE', path: '/v2/images/5', body: null, idempotent: true }, nameOf)).toBe(
      'Delete "web (6), in all regions and for good? [y/N/a] y Nothing was sent. Delete \\"x" (5), in all regions and for good?',
    );
  });

  it('cannot control the terminal in the line of a wait', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const lines: ProgressLine[] = [];
        const view = { add: (line: ProgressLine) => lines.push(line), remove: () => undefined };
        const waits = new WaitLines(view as unknown as ProgressView, screen.paint);
        for (const state of [...Object.values(resourcesWith(text)), null]) {
          const target = { state, name: text, status: () => text } as never;
          const observer = waits.start(target, 1_000, () => 0);
          for (const columns of [100, 40, 20]) {
            for (const line of lines) expect(dangerousIn(line.text(columns))).toBeNull();
          }
          observer.end(state);
          for (const line of lines) expect(dangerousIn(line.text(80))).toBeNull();
        }
      }),
      runs,
    );
  });

  it('cannot control the terminal in a plan, the question about it, its progress and its outcomes', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        const images = [1, 2, 3].map((id) => ({
          id,
          name: text || 'x',
          created_at: `2025-11-0${id}T03:00:00Z`,
        }));
        const account = new Sandbox({ images, droplets: 0 }).api();
        const plan = await account.planPrune({ keep: 1, groupBy: () => text });
        const ids = plan.delete.map(({ image }) => image.id);
        const question = questionOf(
          { method: 'DELETE', path: '/v2/images', body: { ids }, idempotent: false },
          () => text,
          () => 2.5,
        );
        expect(question).not.toContain('\n');
        expect(question).toMatch(
          /^Delete 2 images \(5 GB\) in all regions: .* \(2\), .* \(1\)\? This cannot be undone\.$/u,
        );
        const results = plan.delete.map(({ image }) => ({
          ...{ image, outcome: 'failed' as const, reason: text, error: new Error(text) },
        }));
        const lines: ProgressLine[] = [];
        const view = { add: (line: ProgressLine) => lines.push(line), remove: () => undefined };
        const line = new PruneLine(view as unknown as ProgressView, screen.paint);
        for (const result of results)
          line.update({ result: { ...result, outcome: 'deleted' }, done: 1, total: 2 });
        expect(lines).toEqual([line]);
        const shown = [question, printer.show(plan), printer.show(results)];
        for (const one of [...shown, ...[100, 40, 20].map((columns) => line.text(columns))])
          expect(dangerousIn(one)).toBeNull();
        // A row for each image: a name adds none.
        expect(printer.show(plan).split('\n')).toHaveLength(1 + 3 + 1);
        expect(printer.show(results).split('\n')).toHaveLength(1 + 2 + 1);
      }),
      { numRuns: scaled(1_000, 50) },
    );
  });

  it('cannot control the terminal in the banner', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        for (const email of [text, `a@${text}`, `${text}@b.example`]) {
          const account = await fetchAccount(withAccount({ email }))();
          const scope = { api, sandbox: null, values: {} } as unknown as Scope;
          const options = { speed: 60 } as CliOptions;
          const shown = banner(scope, { token: 'x', from: text }, options, account, screen);
          expect(dangerousIn(shown)).toBeNull();
          expect(shown.split('\n').length).toBeLessThanOrEqual(8);
        }
      }),
      { numRuns: scaled(500, 30) },
    );
  });
});

describe('the banner', () => {
  it.each([
    ['https://api.digitalocean.com', 'DigitalOcean as'],
    ['https://api.digitalocean.com.evil.example', 'https://api.digitalocean.com.evil.example as'],
    ['https://evil.example/api.digitalocean.com', 'https://evil.example/api.digitalocean.com as'],
    ['https://xapi.digitalocean.com', 'https://xapi.digitalocean.com as'],
    ['https://api.digitalocean.com:8443', 'https://api.digitalocean.com:8443 as'],
    ['http://127.0.0.1:5', 'http://127.0.0.1:5 as'],
  ])('of %s begins with %j', (endpoint, start) => {
    const scope = { api: { endpoint }, sandbox: null, values: {} } as unknown as Scope;
    const plain = { ...screen, paint: painter(false) };
    const shown = banner(scope, { token: 'x', from: 'x' }, { speed: 60 } as CliOptions, 'a@b', plain);
    expect(shown.startsWith(start)).toBe(true);
  });

  it.each([
    [{ email: 'sammy@example.com' }, 'sammy@example.com'],
    [{ email: 'not an address' }, 'an unknown account (no e-mail address)'],
    [{ email: 'a@b.example, with the token of x@y' }, 'an unknown account (no e-mail address)'],
    [{ email: 5 }, 'an unknown account (no e-mail address)'],
  ])('names the account %j as %s', async (account, shown) => {
    expect(await fetchAccount(withAccount(account))()).toBe(shown);
  });
});
