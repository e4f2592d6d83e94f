import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { DOApi } from '../../lib';
import { DROPLETS, LEFT_OUT, UNREQUESTABLE } from './droplets';
import { LISTINGS } from './listings';
import type { Operation } from './operation';
import { ACCOUNT_TRANSFERS, OPERATIONS } from './operations';
import { installPrism, startPrism } from './prism';
import { type Document, operationsOf, refusals, requestable } from './refusals';
import { sandboxChecks } from './sandbox-checks';
import { type Exchange, RecordingProxy } from './recording-proxy';

/**
 * Runs every operation of the library against the OpenAPI file that DOAPI_OPENAPI names: Prism validates each request
 * and responds with the examples of the file. No request leaves this machine.
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
  const proxy = await RecordingProxy.start(prism.url);
  try {
    const { passed, failed } = await new Contract(document, proxy, prism.url).check();
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    proxy.stop();
    prism.stop();
  }
}

class Contract {
  /** Operations of the API that were requested successfully. */
  readonly #requested = new Set<string>();
  readonly #foreignUrls: string[] = [];
  readonly #counts = { passed: 0, failed: 0 };

  constructor(
    private readonly document: Document,
    private readonly proxy: RecordingProxy,
    private readonly prism: string,
  ) {}

  async check(): Promise<{ passed: number; failed: number }> {
    const withAccountTransfers = Object.keys(this.document.paths).some((path) => path.endsWith('_transfer'));
    const withDroplets = '/v2/droplets' in this.document.paths;
    const operations = [
      ...OPERATIONS,
      ...(withAccountTransfers ? ACCOUNT_TRANSFERS : []),
      ...LISTINGS,
      ...(withDroplets ? DROPLETS : []),
    ];
    for (const operation of operations) {
      await this.#line(operation.name, () => this.#operation(operation));
    }
    for (const refusal of refusals(this.document)) {
      await this.#line(refusal.name, () => this.#operation(refusal));
    }
    await this.#line('Prism reports a request that violates the file', () => this.#violation());
    await this.#line('every operation of the file was requested', () => this.#allRequested());
    await this.#line('no request went to another server', () => Promise.resolve(this.#noForeignUrl()));
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

  async #operation({ run, gives, requests, prefer = [] }: Operation): Promise<string> {
    const exchanges = await this.#record(run, gives, prefer);
    const violations = exchanges.flatMap(({ violations }) => violations);
    assert.deepEqual(violations, [], 'violations of the OpenAPI file');
    const sent = exchanges.map((exchange) => exchange.request);
    if (requests) assert.deepEqual([...sent].sort(), [...requests].sort(), 'the requests');
    const [first = 'no request', ...more] = exchanges.map(({ request, status }) => `${request} → ${status}`);
    return more.length > 0 ? `${first} and ${more.length} more` : first;
  }

  /** Runs one operation with a new manager. Returns the requests that it sent and their responses. */
  async #record(run: Operation['run'], gives: Operation['gives'], prefer: string[]): Promise<Exchange[]> {
    const { url: endpoint } = this.proxy;
    this.proxy.take();
    this.proxy.prefer(...prefer);
    const api = new DOApi({
      token: 'dop_v1_contract',
      endpoint,
      retries: 0,
      deadline: 20_000,
      rateLimit: false,
      waitInterval: 1,
      transport: { proxy: false },
      onRequest: ({ url }) => {
        if (!url.startsWith(`${endpoint}/`)) this.#foreignUrls.push(url);
      },
    });
    try {
      gives(await run(api));
    } finally {
      await api.close();
    }
    const exchanges = this.proxy.take();
    for (const { request, status } of exchanges) if (status < 300) this.#requested.add(this.#nameOf(request));
    return exchanges;
  }

  /** `GET /v2/images/5?page=2` is `GET /v2/images/{image_id}` in the file. */
  #nameOf(request: string): string {
    const path = request.split('?', 1)[0] ?? '';
    const names = operationsOf(this.document);
    return names.find((name) => new RegExp(`^${name.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)) ?? path;
  }

  async #violation(): Promise<string> {
    const send = (api: DOApi): Promise<unknown> =>
      api.request('/v2/images', { method: 'POST', body: { name: 5 } }).catch(() => null);
    const [exchange] = await this.#record(send, () => undefined, []);
    assert(exchange && exchange.violations.length > 0, 'Prism reported no violation');
    return exchange.violations.join('; ');
  }

  #allRequested(): Promise<string> {
    const names = requestable(this.document);
    assert.deepEqual(
      names.filter((name) => !this.#requested.has(name)),
      [],
      'not requested',
    );
    const others = [...LEFT_OUT.keys(), ...UNREQUESTABLE];
    assert.deepEqual(
      others.filter((name) => this.#requested.has(name)),
      [],
      'listed as left out, but requested',
    );
    const left = operationsOf(this.document).length - names.length;
    return Promise.resolve(`${names.length}${left > 0 ? `; ${left} are left out, see droplets.ts` : ''}`);
  }

  #noForeignUrl(): string {
    assert.deepEqual(this.#foreignUrls, []);
    return 'although the links between pages lead to the real API';
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
