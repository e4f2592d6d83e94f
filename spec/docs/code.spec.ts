import { Volume } from '../support/memory-files';
import * as library from '../../lib';
import * as redisLibrary from '../../lib/redis';
import * as sandboxLibrary from '../../lib/sandbox';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { isTest, runTests } from '../support/page-tests';
import { type Block, blocksOf, claimsOf, compile, readPage, run, USER_PAGES } from '../support/readme';

/** Blocks that are compiled and not run, by page and a part of their code, and why. */
const NOT_RUN: readonly { page: string; code: string; why: string }[] = [
  { page: 'docs/fleet.md', code: 'redisStore(client)', why: 'It needs a Redis; spec/redis runs the same.' },
];

const PAGES = [...USER_PAGES, 'CONTRIBUTING.md'];
const inPage = (page: string, language: string): Block[] =>
  blocksOf(readPage(page), language).map((block) => ({ ...block, page }));
const typescript = PAGES.flatMap((page) => inPage(page, 'ts'));
const all = [...typescript, ...PAGES.flatMap((page) => inPage(page, 'js'))];
const exceptionOf = ({ page, code }: Block): (typeof NOT_RUN)[number] | undefined =>
  NOT_RUN.find((one) => one.page === page && code.includes(one.code));
const named = (blocks: readonly Block[]): [string, number, Block][] =>
  blocks.map((block) => [block.page ?? '', block.line, block]);

beforeEach(() => {
  const { token } = new sandboxLibrary.Sandbox();
  jest.replaceProperty(process, 'env', { ...process.env, DIGITALOCEAN_TOKEN: token });
});

/** The modules of a block: all managers that it makes use one sandbox and virtual time. */
function onSandbox(): Record<string, object> {
  const { adapter, clock } = new sandboxLibrary.Sandbox();
  class DOApi extends library.DOApi {
    constructor(options: string | library.DOApiOptions = {}) {
      const given = typeof options === 'string' ? { token: options } : options;
      // A sandbox of the block's own listens there.
      if (given.endpoint?.startsWith('http://127.0.0.1')) super(given);
      else super({ ...given, clock, transport: { adapter, ...given.transport } });
    }
  }
  const files = new Volume({ '/etc/ssl/company-ca.pem': '' });
  return {
    'doapi-ts': { ...library, DOApi },
    'doapi-ts/sandbox': sandboxLibrary,
    'doapi-ts/redis': redisLibrary,
    '../lib/sandbox': sandboxLibrary,
    'node:fs': files,
    'node:fs/promises': files.promises,
  };
}

describe('the code of the pages', () => {
  it('is there', () => {
    expect(new Set(all.map(({ page }) => page)).size).toBeGreaterThan(15);
    expect(all.length).toBeGreaterThan(70);
  });

  it('compiles as a program of a user, with type checks', () => {
    expect(compile(typescript)).toEqual([]);
  }, 120_000);

  it('is run, but for the exceptions', () => {
    const used = new Set(all.map(exceptionOf));
    expect(NOT_RUN.filter((one) => !used.has(one))).toEqual([]);
  });

  it.each(named(all.filter((block) => !isTest(block) && !exceptionOf(block))))(
    'prints what its comments say: %s, line %i',
    async (_page, _line, block) => {
      expect(await run(block, onSandbox())).toEqual(claimsOf(block));
    },
  );

  it.each(named(all.filter(isTest)))('holds tests that pass: %s, line %i', async (_page, _line, block) => {
    expect(await runTests(block, onSandbox())).not.toEqual([]);
  });
});
