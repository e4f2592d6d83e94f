// Makes images from parsed JSON, compared with JSON.parse of the same bytes.
const http = require('node:http');
const process = require('node:process');
const { performance } = require('node:perf_hooks');
const { createRequire } = require('node:module');
const { pages, rounds, url } = require('./arguments.cjs');
const { report } = require('./measured.cjs');

const library = process.env.BENCH_LIBRARY;
const { DOApi, Image } = require(library);

async function main() {
  const bodies = [];
  for (let page = 1; page <= pages; page++)
    bodies.push(await body(`${url}/v2/images?per_page=200&page=${page}`));
  const adapter = async () => ({ status: 200, headers: {}, body: '{}' });
  const api = new DOApi({ token: 'bench', rateLimit: false, transport: { adapter } });
  // Modules that the library loads with its first request belong to the start.
  await api.request('/v2/account');
  const first = JSON.parse(bodies[0]).images;
  const [firstMs] = timed(() => first.map((json) => api.image(json)));

  const { plainToInstance } = createRequire(require.resolve(library))('class-transformer');
  const ways = {
    ours: (images) => images.map((json) => api.image(json)),
    plainToInstance: (images) => plainToInstance(Image, images, { excludeExtraneousValues: true }),
  };
  const found = {};
  for (const [way, make] of Object.entries(ways)) {
    const some = way === 'plainToInstance' ? Math.ceil(rounds / 5) : rounds;
    found[way] = Array.from({ length: some }, () => round(bodies, make)).slice(1);
  }
  report({ firstMs, ways: found });
}

/** By node:http, since `fetch` compiles code meanwhile, on the other CPU. */
function body(url) {
  return new Promise((resolve, reject) => {
    http
      .get(url, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.once('end', () => resolve(globalThis.Buffer.concat(chunks).toString()));
      })
      .once('error', reject);
  });
}

/** Parses and makes images page by page, as a listing does, and keeps none. */
function round(bodies, make) {
  const spent = { parse: 0, make: 0 };
  for (const body of bodies) {
    const [parsing, { images }] = timed(() => JSON.parse(body));
    const [making, made] = timed(() => make(images));
    spent.parse += parsing;
    spent.make += making;
    if (made.length !== images.length || made[1].id !== images[1].id || !(made[1].createdAt instanceof Date))
      throw new Error('the images are wrong');
  }
  return spent;
}

function timed(work) {
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
}

void main();
