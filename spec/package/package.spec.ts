import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import manifest from '../../package.json';
import { moduleOf, modulesUnder, ROOT, sourcesUnder } from '../support/modules';
import { Consumer } from './packed';

/** Building and packing take seconds, and more on a busy machine. */
const TIMEOUT = 120_000;

let consumer: Consumer;
beforeAll(async () => {
  consumer = await Consumer.install();
}, TIMEOUT);
afterAll(() => consumer.remove());

describe('the tarball', () => {
  it('contains the build and the files that describe the package', () => {
    const outside = consumer.files.filter((path) => !path.startsWith('dist/'));
    expect(outside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  });

  it('contains every module with its types, and no other code', () => {
    const modules = sourcesUnder('lib').map((path) => path.replace(/^lib/, 'dist').replace(/\.ts$/, ''));
    const kept = (end: string): string[] => consumer.files.filter((path) => path.endsWith(end)).sort();
    expect(kept('.js')).toEqual(modules.map((path) => `${path}.js`));
    expect(kept('.d.ts')).toEqual(modules.map((path) => `${path}.d.ts`));
    expect(consumer.files.filter((path) => !/^dist\/.*\.(js|d\.ts)(\.map)?$/.test(path))).toHaveLength(4);
  });
});

describe('the dependencies of the package', () => {
  const packagesOf = (folder: string): string[] => {
    const builtin = (name: string): boolean => name.startsWith('node:') || builtinModules.includes(name);
    const names = modulesUnder(folder).flatMap(({ imports }) => imports);
    const packages = names.filter((name) => !name.startsWith('lib/') && !builtin(name));
    return [
      ...new Set(
        packages.map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
      ),
    ];
  };

  it('are declared in its manifest', () => {
    const { dependencies, peerDependencies = {} } = manifest as {
      dependencies: Record<string, string>;
      peerDependencies?: Record<string, string>;
    };
    const named = Object.keys({ ...dependencies, ...peerDependencies });
    expect(packagesOf('lib').filter((name) => !named.includes(name))).toEqual([]);
  });

  // A bundler may drop a module that has no side effects when none of its exports is used.
  it('include no module of its own that is imported for side effects, except the program', () => {
    expect(manifest.sideEffects).toEqual(['./dist/cli.js']);
    const imports = sourcesUnder('lib').flatMap((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return [...text.matchAll(/^import '(.*)';$/gm)].map(([, name]) => name);
    });
    expect(imports).toEqual(['reflect-metadata']);
  });

  it('do not appear in its types: axios is internal', () => {
    const types = consumer.files.filter((path) => path.endsWith('.d.ts'));
    const mentions = types.filter((path) => {
      const { words } = moduleOf(path, readFileSync(join(consumer.installed, path), 'utf8'));
      return [...words].some((word) => /axios/i.test(word));
    });
    expect(mentions).toEqual([]);
  });
});

describe('a program that uses the package', () => {
  const TRIED = `
    const api = new Sandbox({ images: 3 }).api();
    const [image] = await api.fetchAllImages().toArray();
    const required = require('doapi-ts');
    const imported = await import('doapi-ts');
    console.log(JSON.stringify({
      isDOApi: api instanceof DOApi,
      isImage: image instanceof Image,
      sameClass: required.Image === imported.Image && imported.Image === Image,
      sameSandbox: require('doapi-ts/sandbox').Sandbox === (await import('doapi-ts/sandbox')).Sandbox,
      version: require('doapi-ts/package.json').version,
    }));`;
  const works = {
    isDOApi: true,
    isImage: true,
    sameClass: true,
    sameSandbox: true,
    version: manifest.version,
  };

  it('can import it as an ES module', async () => {
    const code = `
      import { createRequire } from 'node:module';
      import { DOApi, Image } from 'doapi-ts';
      import { Sandbox } from 'doapi-ts/sandbox';
      const require = createRequire(import.meta.url);
      ${TRIED}`;
    expect(await consumer.run('program.mjs', code)).toEqual(works);
  });

  it('can require it', async () => {
    const code = `
      const { DOApi, Image } = require('doapi-ts');
      const { Sandbox } = require('doapi-ts/sandbox');
      (async () => { ${TRIED} })();`;
    expect(await consumer.run('program.cjs', code)).toEqual(works);
  });

  it('cannot import internal modules', async () => {
    const code = `
      try { require('doapi-ts/dist/http/client.js'); } catch ({ code }) { console.log(JSON.stringify(code)); }`;
    expect(await consumer.run('inside.cjs', code)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('loads axios with its first request, and the sandbox and the REPL only on import', async () => {
    const code = `
      const { sep } = require('node:path');
      const { DOApi } = require('doapi-ts');
      const api = new DOApi({
        token: 'dop_v1_1',
        transport: { adapter: async () => ({ status: 200, headers: {}, body: '{"account":{}}' }) },
      });
      const loaded = () => {
        const names = ['axios', 'axios-retry', 'regexparam', 'typescript', 'ts-node', 'sandbox', 'repl'];
        const files = Object.keys(require.cache);
        return names.filter((name) => files.some((file) => file.split(sep).includes(name)));
      };
      const before = loaded();
      api.request('/v2/account').then(() => console.log(JSON.stringify({ before, after: loaded() })));`;
    expect(await consumer.run('lazy.cjs', code)).toEqual({ before: [], after: ['axios', 'axios-retry'] });
  });
});

describe('a TypeScript program that uses the package', () => {
  const PROGRAM = `
    import { type Action, DOApi, Image, type Listing, NotFoundError, type WaitOptions } from 'doapi-ts';
    import { Sandbox, type SandboxOptions } from 'doapi-ts/sandbox';

    const options: SandboxOptions = { images: [{ name: 'web' }] };
    const api: DOApi = new Sandbox(options).api({ perPage: 50 });
    const wait: WaitOptions<Action> = { timeout: 1000, onProgress: ({ state }) => console.log(state.id) };

    export async function copies(name: string): Promise<Image | null> {
      const images: Listing<Image> = api.fetchAllImages({ private: true });
      for await (const image of images) {
        if (image.name !== name) continue;
        const action = await image.transfer('nyc3', { wait });
        const started: Date | null = action.startedAt;
        console.log(started?.getTime());
        return action.fetchResource();
      }
      return null;
    }

    export const isGone = (error: unknown): error is NotFoundError => error instanceof NotFoundError;

    // Type errors: no type of the package is \`any\`.
    // @ts-expect-error
    api.fetchImages();
    // @ts-expect-error
    void api.image(5).transfer(3);
    // @ts-expect-error
    api.image(5).name = 'new';
    // @ts-expect-error
    const text: string = api.image(5).minDiskSize;
    // @ts-expect-error
    new Sandbox({ image: 3 });
    console.log(text);
  `;

  it(
    'compiles as an ES module and as CommonJS, with the resolution of Node',
    async () => {
      expect(await consumer.compile('node16', { 'program.mts': PROGRAM, 'program.cts': PROGRAM })).toBe('');
    },
    TIMEOUT,
  );

  it(
    'compiles with the resolution of bundlers',
    async () => {
      expect(await consumer.compile('preserve', { 'program.ts': PROGRAM })).toBe('');
    },
    TIMEOUT,
  );
});
