import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildLibrary } from '../bench/compare/build-library';
import { svgOf } from '../bench/compare/chart';
import { AGAIN, CLIENTS, type Client, NOTHING, OURS, RAW } from '../bench/compare/clients';
import { FIRST_ID } from '../bench/compare/images';
import { MEASURES } from '../bench/compare/measures';
import { optionsFrom } from '../bench/compare/options';
import { weigh, weighAll } from '../bench/compare/weights';
import { type Bench, interleaved, runProgram } from '../bench/compare/program';
import { publish, resultOf } from '../bench/compare/publish';
import { summary } from '../bench/compare/report';
import { atLeast, atMost, type Section } from '../bench/compare/section';
import { Server } from '../bench/compare/server';
import { median, medianRatio, noiseOf } from '../bench/compare/statistics';
import { scaled } from './support/scale';

const folder = mkdtempSync(join(tmpdir(), 'doapi-ts-bench-'));
let server: Server;

beforeAll(async () => {
  server = await Server.start();
}, 30_000);

afterAll(() => {
  server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('npm run bench, with tiny numbers', () => {
  let bench: Bench;
  let clients: Client[];

  beforeAll(() => {
    // Outside of the checkout, since `dist` may be old or missing.
    const library = buildLibrary(folder);
    const wanted = CLIENTS.filter(({ name }) => [OURS, AGAIN, RAW].includes(name));
    clients = wanted.map((one) => ({ ...one, library }));
    bench = { server, clients, runs: 1, scale: 0.05, say: () => undefined };
  }, 60_000);

  // `weight` needs a registry. The values are not checked, only that they are measured.
  it.each(
    scaled(
      ['requests', 'list', 'hydrate', 'start', 'tracing', 'million', 'memory'] as const,
      ['list', 'hydrate'] as const,
    ),
  )(
    'measures %s, and has targets',
    async (name) => {
      const sections = await MEASURES[name](bench);
      for (const { columns, rows, verdicts, title } of sections) {
        expect(rows.map((row) => row.length)).toEqual(rows.map(() => columns.length));
        expect(title).not.toBe('');
        for (const { value } of verdicts) expect(value).not.toBeNaN();
      }
      expect(sections.flatMap(({ verdicts }) => verdicts).length).toBeGreaterThan(0);
    },
    120_000,
  );

  it('lists in order, with at most eight concurrent requests, and requests no page twice', async () => {
    const [section] = await MEASURES.list({ ...bench, scale: 0.2 });
    const [ours] = section?.rows ?? [];
    expect(ours?.slice(0, 2)).toEqual([OURS, 'by default']);
    expect(ours?.slice(3, 6)).toEqual([10, 8, 'yes']);
  }, 60_000);

  it('fails when a program fails, with its error', async () => {
    const run = runProgram(bench, 'get.cjs', NOTHING, { atOnce: 1, count: 1, warmUp: 0 });
    await expect(run).rejects.toThrow(/^get\.cjs with node: .*client\.get is not a function/s);
  });

  it('fails when an image is missing', async () => {
    const [ours] = clients;
    if (!ours) throw new Error('unreachable');
    await server.behave({ latency: 0, total: 30, burst: null });
    const run = runProgram(bench, 'list.cjs', ours, { way: 'default', total: 31 });
    await expect(run).rejects.toThrow('30 different images of 31');
  });
});

describe('the server', () => {
  const get = async (path: string): Promise<{ status: number; headers: Headers; body: unknown }> => {
    const response = await fetch(server.url + path);
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  it('serves pages as DigitalOcean does: 20 images by default, and a link to the next', async () => {
    await server.behave({ latency: 0, total: 25, burst: null });
    const { body } = await get('/v2/images');
    expect(body).toMatchObject({ links: { pages: { next: expect.stringContaining('page=2') } } });
    expect(body).toMatchObject({ meta: { total: 25 } });
    expect((body as { images: unknown[] }).images).toHaveLength(20);
    const { body: last } = await get('/v2/images?page=2');
    expect(last).toMatchObject({ links: { pages: { prev: expect.stringContaining('page=1') } } });
    expect(last).not.toHaveProperty('links.pages.next');
    expect((last as { images: unknown[] }).images).toHaveLength(5);
  });

  it('serves single images, and 404 for others', async () => {
    await server.behave({ latency: 0, total: 2, burst: null });
    expect((await get(`/v2/images/${FIRST_ID + 1}`)).body).toMatchObject({ image: { id: FIRST_ID + 1 } });
    expect((await get(`/v2/images/${FIRST_ID + 2}`)).status).toBe(404);
  });

  it('serves `burst` requests per minute, then 429 with Retry-After', async () => {
    await server.behave({ latency: 0, total: 2, burst: 2 });
    const responses = [await get('/v2/images'), await get('/v2/images'), await get('/v2/images')];
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(Number(responses[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await server.traffic()).toMatchObject({ requests: 3, refused: 1 });
  });

  it('counts concurrent requests', async () => {
    await server.behave({ latency: 50, total: 2, burst: null });
    await Promise.all([get('/v2/images'), get('/v2/images'), get('/v2/images')]);
    expect(await server.traffic()).toMatchObject({ requests: 3, inFlight: 3 });
  });
});

describe('the runs', () => {
  it('are interleaved, each round in another order', async () => {
    const order: string[] = [];
    const found = await interleaved(['a', 'b'], 4, (name) => Promise.resolve(order.push(name)));
    expect(order.join('')).toBe(['ab', 'ba', 'ba', 'ab'].join(''));
    expect(found.get('a')).toHaveLength(4);
  });

  it('are compared by medians, and by ratios per round', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(medianRatio([1, 20, 3], [2, 40, 6])).toBe(0.5);
  });
});

describe('the noise of a run', () => {
  it('is how far a client strays from itself, in nineteen of twenty samples of the rounds', () => {
    expect(noiseOf([1, 1, 1, 1, 1])).toBe(0);
    expect(noiseOf([1.02, 0.98, 1.02, 0.98, 1.02])).toBeCloseTo(0.02);
    // A round that was disturbed counts for little; a difference in all of them counts in full.
    expect(noiseOf([1, 1, 1, 1, 1, 1, 1, 1, 9])).toBe(0);
    expect(noiseOf([1.1, 1.1, 1.1])).toBeCloseTo(0.1);
  });

  it('is less with more rounds of the same kind', () => {
    const rounds = (count: number): number[] =>
      Array.from({ length: count }, (_, round) => [0.9, 0.95, 1, 1.05, 1.1][round % 5] ?? NaN);
    expect(noiseOf(rounds(200))).toBeLessThan(noiseOf(rounds(5)) ?? NaN);
  });

  it('is not known of fewer than three rounds', () => {
    expect(noiseOf([1, 1])).toBeNull();
  });

  it('decides when a value is as near to the target', () => {
    expect(atMost('slow', 1, 1.02, '', 0.03)).toMatchObject({ isReached: false, isWithinNoise: true });
    expect(atMost('slow', 1, 0.98, '', 0.03)).toMatchObject({ isReached: true, isWithinNoise: true });
    expect(atMost('slow', 1, 1.04, '', 0.03)).toMatchObject({ isReached: false, isWithinNoise: false });
    expect(atLeast('fast', 2, 1.9, '', 0.06)).toMatchObject({ isReached: false, isWithinNoise: true });
    expect(atLeast('fast', 2, 1.9)).toMatchObject({ noise: null, isReached: false, isWithinNoise: false });
  });
});

describe('the options', () => {
  it('are everything, five runs, published, by default', () => {
    const options = optionsFrom([]);
    expect(options.measures).toEqual(Object.keys(MEASURES));
    expect(options).toMatchObject({ runs: 5, scale: 1, isPublished: true, clients: CLIENTS });
  });

  it.each([[['--quick']], [['--only', 'start']], [['--clients', 'doapi-ts,axios']], [['--before', 'old']]])(
    'that leave something out do not publish without --publish: %j',
    (args) => {
      expect(optionsFrom(args).isPublished).toBe(false);
      expect(optionsFrom([...args, '--publish']).isPublished).toBe(true);
    },
  );

  it.each([
    [['--only', 'speed'], '--only: speed is not one of requests'],
    [['--clients', 'doapi-ts,axios,curl'], '--clients: curl is not one of'],
    [['--clients', 'axios'], '--clients: doapi-ts is needed'],
    [['--runs', '0'], '--runs'],
    [['--fast'], '--fast'],
  ])('are refused when they are invalid: %j', (args, message) => {
    expect(() => optionsFrom(args)).toThrow(message);
  });

  it('add another build of the library', () => {
    const { clients } = optionsFrom(['--before', '/old/dist']);
    expect(clients.at(-1)).toMatchObject({ name: 'before', module: 'ours.cjs', library: '/old/dist' });
  });
});

const SECTION: Section = {
  name: 'one',
  title: 'One',
  how: 'So.',
  columns: ['client', 'ms'],
  rows: [['a', 1.2345]],
  verdicts: [atMost('slow', 1, 2, ' ms'), atLeast('fast', 1, 2), atMost('near', 1, 1.01, '', 0.02)],
  charts: [
    {
      name: 'bench-one',
      title: 'A & B',
      unit: 'ms',
      target: 3,
      bars: [
        { label: OURS, value: 4 },
        { label: 'b', value: 2 },
      ],
    },
  ],
};

describe('the report', () => {
  it('shows whether each target is reached, or lies within the noise', () => {
    const [, , ...lines] = summary([SECTION]).split('\n');
    expect(lines).toEqual([
      '| slow | at most 1 ms | 2 | – | **no** |',
      '| fast | at least 1 | 2 | – | yes |',
      '| near | at most 1 | 1.01 | ± 2.0 % | within the noise |',
    ]);
  });

  it('writes the results, the pictures and its part of the document, and keeps the rest', async () => {
    const paths = {
      results: join(folder, 'results', 'latest.json'),
      document: join(folder, 'performance.md'),
      pictures: join(folder, 'img'),
    };
    const [begin, end] = ['<!-- bench: written by `npm run bench` -->', '<!-- end of the bench -->'];
    writeFileSync(paths.document, `# Mine\n\n${begin}\nold\n${end}\n\nMine, too.\n`);
    mkdirSync(paths.pictures);
    for (const name of ['bench-old.svg', 'logo.svg']) writeFileSync(join(paths.pictures, name), '');

    await publish(resultOf([SECTION], 5), paths);

    expect(JSON.parse(readFileSync(paths.results, 'utf8'))).toMatchObject({ runs: 5, sections: [SECTION] });
    const text = readFileSync(paths.document, 'utf8');
    expect(text).toMatch(/^# Mine\n/);
    expect(text).toMatch(/Mine, too\.\n$/);
    expect(text).not.toContain('old\n');
    expect(text).toContain('![A & B](img/bench-one.svg)');
    expect(existsSync(join(paths.pictures, 'bench-one.svg'))).toBe(true);
    expect(existsSync(join(paths.pictures, 'bench-old.svg'))).toBe(false);
    expect(existsSync(join(paths.pictures, 'logo.svg'))).toBe(true);
  });

  it('draws sorted bars, ours in another colour, and a line for the target', () => {
    const [chart] = SECTION.charts;
    if (!chart) throw new Error('unreachable');
    const svg = svgOf(chart);
    expect(svg).toContain('A &amp; B');
    expect(svg).toContain('target: 3.00');
    expect(svg.match(/class="(bar|ours)"/g)).toEqual(['class="bar"', 'class="ours"']);
    expect(svg).toContain('prefers-color-scheme: dark');
  });
});

describe('the weight of a package', () => {
  it('includes its dependencies, each once', () => {
    const project = join(folder, 'project');
    const install = (path: string, dependencies: Record<string, string>): void => {
      mkdirSync(join(project, path), { recursive: true });
      writeFileSync(join(project, path, 'package.json'), JSON.stringify({ version: '1.0.0', dependencies }));
    };
    install('node_modules/a', { b: '1', '@c/d': '1' });
    install('node_modules/b', { '@c/d': '2' });
    install('node_modules/b/node_modules/@c/d', {});
    install('node_modules/@c/d', {});
    install('node_modules/other', {});
    expect(weigh('a', project)).toMatchObject({ packages: 4, files: 4 });
    expect(weigh('b', project)).toMatchObject({ packages: 2, files: 2 });
    expect(weighAll(join(project, 'node_modules'))).toMatchObject({ packages: 5, files: 5 });
    expect(weigh('b', project).bytes).toBeGreaterThan(0);
  });
});
