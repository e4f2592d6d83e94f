import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as library from '../lib';
import { DEFAULT_RATE_LIMITS } from '../lib/rate-limit/limits';
import { type Safety, retryDecision } from '../lib/http/retry-policy';
import { Failure } from '../lib/http/failure';
import { checkClientOptions } from '../lib/options';
import * as sandboxLibrary from '../lib/sandbox';
import { ROOT } from './support/program';
import { type Block, blocksOf, claimsOf, codeIn, compile, membersOf, run, tableOf } from './support/readme';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const readme = read('README.md');
const blocks = blocksOf(readme, 'ts');
const byLine = (list: readonly Block[]): [number, Block][] => list.map((block) => [block.line, block]);

beforeEach(() => {
  const { token } = new sandboxLibrary.Sandbox();
  jest.replaceProperty(process, 'env', { DIGITALOCEAN_TOKEN: token });
});

/** `doapi-ts` whose manager uses a sandbox and virtual time. */
function onSandbox(): Record<string, object> {
  const { adapter, clock } = new sandboxLibrary.Sandbox();
  class DOApi extends library.DOApi {
    constructor(options: string | library.DOApiOptions = {}) {
      const given = typeof options === 'string' ? { token: options } : options;
      super({ ...given, clock, transport: { ...given.transport, adapter } });
    }
  }
  return { 'doapi-ts': { ...library, DOApi }, 'doapi-ts/sandbox': sandboxLibrary };
}

describe('the code in README.md', () => {
  it('has more than eight blocks', () => {
    expect(blocks.length).toBeGreaterThan(8);
  });

  it('compiles as a program of a user, with type checks', () => {
    expect(compile(blocks)).toEqual([]);
  }, 60_000);

  it.each(byLine(blocks))('prints what it says at line %i', async (_, block) => {
    expect(await run(block, onSandbox())).toEqual(claimsOf(block));
  });

  it('starts with the main job, in at most ten lines', () => {
    const first = blocks[0]?.code.trim().split('\n') ?? [];
    expect(first.length).toBeLessThanOrEqual(10);
    expect(first.join('\n')).toMatch(/find\(.*transfer\(.*wait: true/s);
  });
});

describe.each(['docs/waiting.md', 'docs/droplets.md'])('the code in %s', (path) => {
  const page = blocksOf(read(path), 'ts');

  it('compiles as a program of a user, with type checks', () => {
    expect(compile(page)).toEqual([]);
  }, 60_000);

  it.each(byLine(page))('prints what it says at line %i', async (_, block) => {
    expect(await run(block, onSandbox())).toEqual(claimsOf(block));
  });
});

describe('the tables in docs/migrating.md', () => {
  const sections = read('docs/migrating.md')
    .split(/^## /m)
    .filter((section) => section.includes('| doapi-ts '));

  it('map other libraries to names that exist', async () => {
    const api = new sandboxLibrary.Sandbox().api();
    const [snapshot] = await api.fetchAllSnapshots().toArray();
    if (!snapshot) throw new Error('The sandbox has no snapshot.');
    const own = { image: api.image(5), action: api.action(7), droplet: api.droplet(9), snapshot };
    const things: Readonly<Record<string, object>> = { api, ...own };
    const names = sections.flatMap((section) =>
      tableOf(section, 'doapi-ts').flatMap(([name = '']) => codeIn(name)),
    );
    const missing = names.filter((name) => {
      const [, thing = '', member = ''] = /^(\w+)\.(\w+)/.exec(name) ?? [];
      return !(name.startsWith('new DOApi(') || (things[thing] && member in things[thing]));
    });
    expect(missing).toEqual([]);
    expect(sections).toHaveLength(2);
    expect(names.length).toBeGreaterThan(70);
    await api.close();
  });
});

describe.each([
  ['docs/finding.md', 5],
  ['docs/pruning.md', 2],
])('the code in %s', (name, blocks) => {
  it('compiles as a program of a user, each block after those before it', () => {
    const page = blocksOf(read(name), 'ts');
    expect(page.length).toBeGreaterThanOrEqual(blocks);
    expect(compile([{ line: 1, code: page.map(({ code }) => code).join('\n') }])).toEqual([]);
  }, 60_000);
});

describe('the tables in README.md', () => {
  it('list every exported error class, and no other', () => {
    const classes = Object.entries(library).filter(
      ([, value]) => typeof value === 'function' && value.prototype instanceof Error,
    );
    const rows = tableOf(readme, 'Error').map(([name = '']) => codeIn(name)[0]);
    expect([...rows].sort()).toEqual(classes.map(([name]) => name).sort());
  });

  it.each(
    tableOf(readme, 'Error').map(([name = '', , fields = '']) => ({ name: codeIn(name)[0] ?? '', fields })),
  )('list every own field of $name', ({ name, fields }) => {
    expect(codeIn(fields).sort()).toEqual(membersOf(name).sort());
  });

  it('list every option of a manager', () => {
    const rows = tableOf(readme, 'Option').flatMap(([name = '']) => codeIn(name));
    expect([...rows].sort()).toEqual([...membersOf('DOApiOptions'), ...membersOf('Hooks')].sort());
  });

  it('list the defaults of the options', () => {
    const { endpoint, rateLimits, ...settings } = checkClientOptions({});
    const given = Object.entries(settings).filter(([, value]) => typeof value === 'number');
    const rows = tableOf(readme, 'Option').map(([name = '', value = '']) => [codeIn(name)[0] ?? '', value]);
    const said = rows.map(([name, value]) => [name, value === '' ? NaN : Number(value?.replaceAll('_', ''))]);
    expect(Object.fromEntries(said.filter(([, value]) => !Number.isNaN(value)))).toEqual(
      Object.fromEntries(given),
    );
    const { perMinute, perHour } = rateLimits ?? DEFAULT_RATE_LIMITS;
    const texts = Object.fromEntries(rows) as Record<string, string>;
    expect(texts.rateLimit?.replaceAll('_', '')).toBe(`\`{ perMinute: ${perMinute}, perHour: ${perHour} }\``);
    expect(codeIn(texts.endpoint ?? '')).toContain(endpoint);
  });

  it('list every option of a wait', () => {
    const rows = tableOf(readme, 'Option of a wait').flatMap(([name = '']) => codeIn(name));
    expect([...rows].sort()).toEqual(membersOf('WaitOptions').sort());
  });
});

describe('the sentences in README.md', () => {
  it('list every field of an image', () => {
    const sentence = /An `Image` has (.*?)\. `toJSON\(\)`/s.exec(readme)?.[1] ?? '';
    const image = new sandboxLibrary.Sandbox().api().image(5);
    expect(codeIn(sentence).sort()).toEqual(Object.keys(image).sort());
  });

  it('name every status that is tried again', () => {
    const rule = /an attempt's `timeout`, and ([\d, ]+):/.exec(readme)?.[1] ?? '';
    const said = rule.split(', ').map(Number);
    const isRetried = (status: number, safety: Safety): boolean => {
      const response = { status, headers: {}, body: '' };
      return (
        retryDecision(
          new Failure({ kind: 'status', mayHaveBeenSent: true, message: '', response }),
          safety,
        ) === 'retry'
      );
    };
    const all = Array.from({ length: 300 }, (_, index) => 300 + index);
    expect(all.filter((status) => isRetried(status, 'safe') && status !== 429)).toEqual(said);
    expect(all.filter((status) => isRetried(status, 'idempotent') && status !== 429)).toEqual(said);
    expect(all.filter((status) => isRetried(status, 'unsafe'))).toEqual([429]);
  });
});

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/design.md',
  'docs/droplets.md',
  'docs/finding.md',
  'docs/fleet.md',
  'docs/migrating.md',
  'docs/pruning.md',
  'docs/tracing.md',
  'examples/fleet/README.md',
  'examples/opentelemetry/README.md',
];

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path ?? '');
    expect(links.filter((path) => !existsSync(join(ROOT, dirname(page), path)))).toEqual([]);
  });

  it('links to sections that exist', () => {
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      (title ?? '')
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor ?? '');
    expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
  });

  it('names scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script ?? '');
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});
