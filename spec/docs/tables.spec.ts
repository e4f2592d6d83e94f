import { describe, expect, it } from '@jest/globals';
import * as library from '../../lib';
import { Failure } from '../../lib/http/failure';
import { type Safety, retryDecision } from '../../lib/http/retry-policy';
import { checkClientOptions } from '../../lib/options';
import { DEFAULT_RATE_LIMITS } from '../../lib/rate-limit/limits';
import { Sandbox } from '../../lib/sandbox';
import { codeIn, membersOf, readPage, tableOf } from '../support/readme';

const unique = <T>(value: T, index: number, all: readonly T[]): boolean => all.indexOf(value) === index;

const firstColumn = (page: string, heading: string): string[] =>
  tableOf(readPage(page), heading).flatMap(([name = '']) => codeIn(name));

describe('docs/errors.md', () => {
  const page = readPage('docs/errors.md');
  const rows = tableOf(page, 'Error').map(([name = '', , fields = '']) => ({
    name: codeIn(name)[0] ?? '',
    fields,
  }));
  const classes = Object.entries(library).flatMap(([name, value]) =>
    typeof value === 'function' && value.prototype instanceof Error ? [name] : [],
  );

  it('lists every exported error class, and no other', () => {
    expect(rows.map(({ name }) => name).sort()).toEqual([...classes].sort());
  });

  it.each(rows)('lists every own field of $name', ({ name, fields }) => {
    expect(codeIn(fields).sort()).toEqual(membersOf(name).sort());
  });

  it('says what to do after each, but for the two parents', () => {
    const advised = [...page.matchAll(/^- \*\*`(\w+)`\*\*:/gm)].map(([, name]) => name);
    const parents = ['DOApiError', 'ResponseError', 'UnknownOutcomeError'];
    expect(advised.sort()).toEqual(classes.filter((name) => !parents.includes(name)).sort());
    expect(page).toContain('## Lost responses');
  });

  it.each(classes.filter((name) => !['DOApiError', 'ResponseError'].includes(name)))(
    'shows or names %s in its advice',
    (name) => {
      expect(page.split('## Classes')[1]?.split(name).length ?? 0).toBeGreaterThan(2);
    },
  );
});

describe('docs/options.md', () => {
  const options = tableOf(readPage('docs/options.md'), 'Option');

  it('lists every option of a manager', () => {
    const rows = options.flatMap(([name = '']) => codeIn(name));
    expect([...rows].sort()).toEqual([...membersOf('DOApiOptions'), ...membersOf('Hooks')].sort());
  });

  it('lists their defaults', () => {
    const { endpoint, rateLimits, ...settings } = checkClientOptions({});
    const given = Object.entries(settings).filter(([, value]) => typeof value === 'number');
    const rows = options.map(([name = '', value = '']) => [codeIn(name)[0] ?? '', value]);
    const said = rows.map(([name, value]) => [name, value === '' ? NaN : Number(value?.replaceAll('_', ''))]);
    expect(Object.fromEntries(said.filter(([, value]) => !Number.isNaN(value)))).toEqual(
      Object.fromEntries(given),
    );
    const { perMinute, perHour } = rateLimits ?? DEFAULT_RATE_LIMITS;
    const texts = Object.fromEntries(rows) as Record<string, string>;
    expect(texts.rateLimit?.replaceAll('_', '')).toBe(`\`{ perMinute: ${perMinute}, perHour: ${perHour} }\``);
    expect(codeIn(texts.endpoint ?? '')).toContain(endpoint);
  });

  it('lists every option of a call', () => {
    const page = readPage('docs/options.md').split('## Options of a call')[1] ?? '';
    const rows = tableOf(page, 'Option').flatMap(([name = '']) => codeIn(name));
    expect(rows.sort()).toEqual([...membersOf('CallOptions'), ...membersOf('Cancellable')].sort());
  });

  it('names every status that is retried', () => {
    const rule = /an attempt's `timeout`, and ([\d, ]+):/.exec(readPage('docs/options.md'))?.[1] ?? '';
    const said = rule.split(', ').map(Number);
    const isRetried = (status: number, safety: Safety): boolean => {
      const response = { status, headers: {}, body: '' };
      const failure = new Failure({ kind: 'status', mayHaveBeenSent: true, message: '', response });
      return retryDecision(failure, safety) === 'retry';
    };
    const all = Array.from({ length: 300 }, (_, index) => 300 + index);
    expect(all.filter((status) => isRetried(status, 'safe') && status !== 429)).toEqual(said);
    expect(all.filter((status) => isRetried(status, 'idempotent') && status !== 429)).toEqual(said);
    expect(all.filter((status) => isRetried(status, 'unsafe'))).toEqual([429]);
  });
});

describe('docs/waiting.md', () => {
  it('lists every option of a wait', () => {
    expect(firstColumn('docs/waiting.md', 'Option of a wait').sort()).toEqual(
      membersOf('WaitOptions').sort(),
    );
  });
});

/** The text after a heading of docs/images.md or docs/droplets.md. */
function section(title: string): string {
  const pages = ['docs/images.md', 'docs/droplets.md'].map(readPage);
  return pages.join('\n').split(`\n## ${title}\n`)[1] ?? '';
}

describe('docs/images.md and docs/droplets.md', () => {
  const fieldsIn = (title: string): string[] =>
    tableOf(section(title), 'Field').flatMap(([name = '']) => codeIn(name));
  const api = new Sandbox().api();
  const region = { slug: 'nyc1', name: 'New York 1', available: true, features: [], sizes: [] };

  it('list every field of an image, an action, a region and a Droplet', () => {
    const action = api.action({ id: 7, region });
    expect(fieldsIn('Fields of an image').sort()).toEqual(Object.keys(api.image(5)).sort());
    expect(fieldsIn('Actions').sort()).toEqual(Object.keys(action).sort());
    expect(fieldsIn('Fields of a Droplet').sort()).toEqual(Object.keys(api.droplet(9)).sort());
    expect(fieldsIn('Regions').sort()).toEqual(Object.keys(action.region ?? {}).sort());
  });

  it.each([
    ['Fields of an image', api.image(5)],
    ['Actions', api.action(7)],
    ['Fields of a Droplet', api.droplet(9)],
  ])('say which of them may be null: %s', (title, empty) => {
    const nullable = tableOf(section(title).replaceAll('\\|', '/'), 'Field').flatMap(
      ([name = '', type = '']) => (type.includes('null') ? codeIn(name) : []),
    );
    const actual = Object.entries(empty).flatMap(([name, value]) => (value === null ? [name] : []));
    expect(nullable.sort()).toEqual(actual.sort());
    expect(nullable.length).toBeGreaterThan(5);
  });

  it('list every field of an import, and which are required', () => {
    const rows = tableOf(section('Import'), 'Field');
    expect(rows.flatMap(([name = '']) => codeIn(name)).sort()).toEqual(membersOf('NewImage').sort());
    const required = rows.flatMap(([name = '', isRequired]) => (isRequired === 'yes' ? codeIn(name) : []));
    expect(required).toEqual(['name', 'url', 'region']);
  });

  it('list every option of a new Droplet, and which are required', () => {
    const rows = tableOf(section('Options of a new Droplet'), 'Option');
    const names = rows.map(([name = '']) => codeIn(name)[0] ?? '');
    expect(names.sort()).toEqual(
      [...membersOf('NewDroplet'), ...membersOf('NewDropletOfImage')].filter(unique).sort(),
    );
    const required = rows.flatMap(([name = '', isRequired]) => (isRequired === 'yes' ? codeIn(name) : []));
    expect(required).toEqual(['name', 'region', 'size', 'image']);
  });

  it('list every option of a listing', () => {
    const own = [...membersOf('ListingOptions'), ...membersOf('CallOptions'), ...membersOf('Cancellable')];
    expect(firstColumn('docs/images.md', 'Option of a listing').sort()).toEqual(own.sort());
  });

  it('list every option and every outcome of replicate', () => {
    const options = firstColumn('docs/images.md', 'Option of `replicate`').sort();
    const ofWait = membersOf('WaitOptions').filter((name) => name !== 'throwOnError');
    expect(options).toEqual([...membersOf('ReplicateOptions'), ...ofWait].sort());
    const outcomes = ['completed', 'present', 'errored', 'refused', 'timed-out', 'unknown'];
    expect(firstColumn('docs/images.md', '`outcome`')).toEqual(outcomes);
  });
});

describe('docs/logging.md', () => {
  it('lists every hook with its payload', () => {
    const payloads: Record<string, string[]> = {
      onRequest: membersOf('RequestEvent'),
      onResponse: [...membersOf('RequestEvent'), ...membersOf('ResponseEvent')],
      onRetry: [...membersOf('RequestEvent'), ...membersOf('RetryEvent')],
      onQueue: membersOf('QueueEvent'),
    };
    const rows = tableOf(readPage('docs/logging.md'), 'Hook').map(([name = '', , payload = '']) => [
      codeIn(name)[0],
      codeIn(payload).sort(),
    ]);
    expect(Object.keys(payloads).sort()).toEqual(membersOf('Hooks').sort());
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(Object.entries(payloads).map(([name, fields]) => [name, fields.sort()])),
    );
  });
});
