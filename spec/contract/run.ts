import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { DOApi } from '../../lib';
import { LISTINGS } from './listings';
import type { Operation } from './operation';
import { ACCOUNT_TRANSFERS, OPERATIONS } from './operations';
import { installPrism, startPrism } from './prism';
import { type Document, operationsOf, refusals } from './refusals';
import { sandboxChecks } from './sandbox-checks';
import { type Exchange, Witness } from './witness';

/**
 * Every operation of the library against the OpenAPI file that DOAPI_OPENAPI names: Prism checks each request against
 * it and answers with its examples. Nothing leaves this machine.
 */
async function main(): Promise<void> {
  const file = process.env.DOAPI_OPENAPI;
  if (!file) {
    console.error(
      'Set DOAPI_OPENAPI to an OpenAPI file of the DigitalOcean API (JSON), then run this again.',
    );
    process.exitCode = 2;
    return;
  }
  const document = JSON.parse(await readFile(file, 'utf8')) as Document;
  await installPrism(console.log);
  const prism = await startPrism(file);
  const witness = await Witness.start(prism.url);
  try {
    const { passed, failed } = await new Contract(document, witness, prism.url).check();
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    witness.stop();
    prism.stop();
  }
}

class Contract {
  /** Operations of the API that were asked for, and answered as they are when all goes well. */
  readonly #asked = new Set<string>();
  readonly #strayed: string[] = [];
  readonly #counts = { passed: 0, failed: 0 };

  constructor(
    private readonly document: Document,
    private readonly witness: Witness,
    private readonly prism: string,
  ) {}

  async check(): Promise<{ passed: number; failed: number }> {
    const withAccountTransfers = Object.keys(this.document.paths).some((path) => path.endsWith('_transfer'));
    const operations = [...OPERATIONS, ...(withAccountTransfers ? ACCOUNT_TRANSFERS : []), ...LISTINGS];
    for (const operation of operations) {
      await this.#line(operation.name, () => this.#operation(operation));
    }
    for (const refusal of refusals(this.document)) {
      await this.#line(refusal.name, () => this.#operation(refusal));
    }
    await this.#line('a request that is against the file is noticed', () => this.#violation());
    await this.#line('every operation of the file was asked for', () => this.#nothingLeftOut());
    await this.#line('no request went anywhere else', () => Promise.resolve(this.#nothingStrayed()));
    for (const [name, check] of await sandboxChecks(this.document, this.prism)) await this.#line(name, check);
    return this.#counts;
  }

  async #line(name: string, check: () => Promise<string>): Promise<void> {
    try {
      const note = await check();
      this.#counts.passed += 1;
      console.log(`ok    ${name}: ${note}`);
    } catch (error) {
      this.#counts.failed += 1;
      console.log(`FAIL  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #operation({ run, gives, asks, wishes = [] }: Operation): Promise<string> {
    const exchanges = await this.#watch(run, gives, wishes);
    const violations = exchanges.flatMap(({ violations }) => violations);
    assert.deepEqual(violations, [], 'against the OpenAPI file');
    const asked = exchanges.map((exchange) => exchange.asked);
    if (asks) assert.deepEqual([...asked].sort(), [...asks].sort(), 'the requests');
    const [first = 'no request', ...more] = exchanges.map(({ asked, status }) => `${asked} → ${status}`);
    return more.length > 0 ? `${first} and ${more.length} more` : first;
  }

  /** Runs one operation with a manager of its own, and gives what was said meanwhile. */
  async #watch(run: Operation['run'], gives: Operation['gives'], wishes: string[]): Promise<Exchange[]> {
    const { url: endpoint } = this.witness;
    this.witness.take();
    this.witness.wish(...wishes);
    const api = new DOApi({
      token: 'dop_v1_contract',
      endpoint,
      retries: 0,
      deadline: 20_000,
      rateLimit: false,
      waitInterval: 1,
      transport: { proxy: false },
      onRequest: ({ url }) => {
        if (!url.startsWith(`${endpoint}/`)) this.#strayed.push(url);
      },
    });
    try {
      gives(await run(api));
    } finally {
      await api.close();
    }
    const exchanges = this.witness.take();
    for (const { asked, status } of exchanges) if (status < 300) this.#asked.add(this.#nameOf(asked));
    return exchanges;
  }

  /** `GET /v2/images/5?page=2` is `GET /v2/images/{image_id}` in the file. */
  #nameOf(asked: string): string {
    const path = asked.split('?', 1)[0] ?? '';
    const names = operationsOf(this.document);
    return names.find((name) => new RegExp(`^${name.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)) ?? path;
  }

  async #violation(): Promise<string> {
    const send = (api: DOApi): Promise<unknown> =>
      api.request('/v2/images', { method: 'POST', body: { name: 5 } }).catch(() => null);
    const [exchange] = await this.#watch(send, () => undefined, []);
    assert(exchange && exchange.violations.length > 0, 'Prism did not complain');
    return exchange.violations.join('; ');
  }

  #nothingLeftOut(): Promise<string> {
    const names = operationsOf(this.document);
    assert.deepEqual(
      names.filter((name) => !this.#asked.has(name)),
      [],
      'left out',
    );
    return Promise.resolve(`${names.length}`);
  }

  #nothingStrayed(): string {
    assert.deepEqual(this.#strayed, []);
    return 'the links to other pages name the real API';
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
