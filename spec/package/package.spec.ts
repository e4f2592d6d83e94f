import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import manifest from '../../package.json';
import { moduleOf, modulesUnder, ROOT, sourcesUnder } from '../support/modules';
import { blocksOf, readPage } from '../support/readme';
import { type CompilerSettings, Consumer } from '../../tools/support/consumer';
import { MAIN_JOB, PROGRAM, WITH_AGENTS, WITH_DISPOSAL, WITH_SIGNALS } from './programs';

/** Building and packing take a few seconds; on a busy machine more. */
const TIMEOUT = 120_000;

let consumer: Consumer;
beforeAll(async () => {
  consumer = await Consumer.install();
}, TIMEOUT);
afterAll(() => consumer.remove());

describe('the tarball', () => {
  it('contains the build and the files that describe the package', () => {
    // What is packed here has no other files, so that the list itself must be as it is.
    expect(manifest.files).toEqual(['dist', 'CHANGELOG.md']);
    const outside = consumer.files.filter((path) => !path.startsWith('dist/'));
    expect(outside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  });

  it('contains the types of every module, its code once, and nothing else', () => {
    const modules = sourcesUnder('lib').map((path) => path.replace(/^lib/, 'dist').replace(/\.ts$/, ''));
    const kept = (end: string): string[] => consumer.files.filter((path) => path.endsWith(end)).sort();
    expect(kept('.d.ts')).toEqual(modules.map((path) => `${path}.d.ts`));
    expect(consumer.files.filter((path) => !/^dist\/.*\.(js|d\.ts|js\.map)$/.test(path))).toHaveLength(4);
    const merged = kept('.js.map').flatMap((path) => {
      const { sources } = JSON.parse(readFileSync(join(consumer.installed, path), 'utf8')) as {
        sources: string[];
      };
      return sources.map((source) => join(dirname(path), source)).filter((source) => source.endsWith('.ts'));
    });
    const single = kept('.js').filter((path) => !consumer.files.includes(`${path}.map`));
    const sources = [...merged, ...single.map((path) => path.replace(/^dist(.*)\.js$/, 'lib$1.ts'))];
    expect(sources.sort()).toEqual(sourcesUnder('lib'));
    expect(merged.length).toBeGreaterThan(single.length);
  });
});

describe('the README of the tarball', () => {
  it('has absolute links only, to the files of its version', () => {
    const readme = readFileSync(join(consumer.installed, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !/^(https:|#)/.test(target))).toEqual([]);
    const own = `https://github.com/doapi-ts/doapi-ts/blob/v${manifest.version}/`;
    expect(links.filter((target) => target.startsWith(own)).length).toBeGreaterThan(5);
  });
});

describe('the manifest', () => {
  it('has the form that npm writes, so that npm corrects nothing when it publishes', () => {
    const { bin, repository } = JSON.parse(
      readFileSync(join(consumer.installed, 'package.json'), 'utf8'),
    ) as typeof manifest;
    expect(bin).toEqual({ 'doapi-ts': 'dist/cli.js' });
    expect(existsSync(join(consumer.installed, bin['doapi-ts']))).toBe(true);
    expect(repository.url).toMatch(/^git\+https:.*\.git$/);
  });

  // An upper bound makes npm refuse to install the package beside a newer compiler (ERESOLVE), although only the session needs one.
  it('admits every TypeScript from 5 on', () => {
    expect(manifest.peerDependencies.typescript).toBe('>=5.0');
    expect(manifest.peerDependenciesMeta.typescript).toEqual({ optional: true });
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
      sameStore: require('doapi-ts/redis').redisStore === (await import('doapi-ts/redis')).redisStore,
      version: require('doapi-ts/package.json').version,
    }));`;
  const works = {
    isDOApi: true,
    isImage: true,
    sameClass: true,
    sameSandbox: true,
    sameStore: true,
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

  it("leaves Node's globals as they are with its first request, and on Node 20 unmade", async () => {
    const code = `
      const { DOApi } = require('doapi-ts');
      const adapter = async () => ({ status: 200, headers: {}, body: '{"account":{}}' });
      new DOApi({ token: 'dop_v1_1', transport: { adapter } }).request('/v2/account').then(() => {
        const unused = process.moduleLoadList.filter((name) => /undici|webstreams.readablestream/.test(name));
        console.log(JSON.stringify({ unused, request: new Request('http://127.0.0.1').method, form: typeof FormData }));
      });`;
    // From Node 22 on, asking whether they exist makes them.
    const unused: unknown = process.versions.node.startsWith('20.') ? [] : expect.any(Array);
    expect(await consumer.run('fetch.cjs', code)).toEqual({ unused, request: 'GET', form: 'function' });
  });

  it('reads three files of the package when it is required, and a fourth when it is imported, for classes that are loaded late', async () => {
    const own = `
      const { sep } = require('node:path');
      const own = () => Object.keys(require.cache).flatMap((file) => file.split('doapi-ts' + sep + 'dist' + sep)[1] ?? []);`;
    const required = await consumer.run(
      'files.cjs',
      `${own} require('doapi-ts'); console.log(JSON.stringify(own()));`,
    );
    expect(required).toEqual(['index.js', 'doapi.js', 'lazy-classes.js']);
    const imported = await consumer.run(
      'files.mjs',
      `import { createRequire } from 'node:module';
      import 'doapi-ts';
      const require = createRequire(import.meta.url);
      ${own} console.log(JSON.stringify({ own: own().length, crypto: process.moduleLoadList.includes('NativeModule crypto') }));`,
    );
    expect(imported).toEqual({ own: 4, crypto: false });
  });

  it('has only ASCII in the files of a start: V8 stores a file with any other character in two bytes for each, and compiles it slower', async () => {
    const code = `
      const { readFileSync } = require('node:fs');
      const { join, sep } = require('node:path');
      require('doapi-ts');
      const dist = join('node_modules', 'doapi-ts', 'dist') + sep;
      const counts = Object.keys(require.cache).flatMap((file) => {
        const name = file.split(sep + dist)[1];
        return name === undefined ? [] : [[name, readFileSync(file, 'utf8').match(/[^\\0-\\x7f]/g)?.length ?? 0]];
      });
      console.log(JSON.stringify(Object.fromEntries(counts)));`;
    const others = { 'index.js': 0, 'doapi.js': 0, 'lazy-classes.js': 0 };
    expect(await consumer.run('ascii.cjs', code)).toEqual(others);
  });

  it('shows names of functions in a stack, and with --enable-source-maps lines of the source', async () => {
    const code = `
      const { DOApi } = require('doapi-ts');
      try { new DOApi({ token: 'dop_v1_1' }).image(0); } catch ({ name, stack }) {
        console.log(JSON.stringify({ name, frames: stack.split('\\n').filter((line) => line.includes('doapi-ts')) }));
      }`;
    const plain = (await consumer.run('stack.cjs', code)) as { name: string; frames: string[] };
    expect(plain.name).toBe('RangeError');
    expect(plain.frames.join()).toMatch(/at checkId \(.*\bdist.doapi\.js:\d+:\d+\).*at DOApi\.image \(/s);
    const mapped = (await consumer.run('stack.cjs', code, '--enable-source-maps')) as typeof plain;
    const line = (file: string, text: string): number =>
      1 +
      readFileSync(join(ROOT, file), 'utf8')
        .split('\n')
        .findIndex((one) => one.includes(text));
    const called = line('lib/doapi.ts', "return this.create(Image, 'image', idOrJson);");
    expect(mapped.frames.join()).toMatch(new RegExp(`lib.doapi\\.ts:${called}:`));
  });
});

describe('the program of docs/guide.md', () => {
  it('runs as it is written', async () => {
    const [program] = blocksOf(readPage('docs/guide.md'), 'ts');
    const lines = (await consumer.print('copy.mjs', program?.code ?? '')).trim().split('\n');
    expect([lines[0], lines.at(-1)]).toEqual(["63663001 [ 'nyc1' ]", "[ 'nyc1', 'fra1' ]"]);
    expect(lines.length).toBeGreaterThan(4);
  });
});

describe('a program in one minified file', () => {
  const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
  const FORMATS: [string, string, string[]][] = [
    ['CommonJS', 'bundled.cjs', ['--format=cjs']],
    // The modules of Node are required, and an ES module has no \`require\` of its own.
    ['an ES module', 'bundled.mjs', ['--format=esm', `--banner:js=${REQUIRE}`]],
  ];

  describe.each(FORMATS)('as %s', (_format, name, options) => {
    let printed: Record<string, unknown>;
    beforeAll(async () => {
      printed = (await consumer.runBundle(name, MAIN_JOB, options)) as typeof printed;
    }, TIMEOUT);

    it('copies an image, retries, waits, and sends requests over HTTP', () => {
      expect(printed).toMatchObject({
        statuses: [503, 200],
        status: 'completed',
        copied: ['nyc1', 'fra1'],
        overHttp: 'web',
      });
    });

    it('has every class under its name, and shows resources under it', () => {
      expect(printed.renamed).toEqual([]);
      expect(printed.shown).toEqual(['Image', 'Action']);
    });

    it('has errors with their names, and of their classes', () => {
      expect(printed.names).toEqual([
        'NotFoundError',
        'WaitTimeoutError',
        'UnprocessableError',
        'ClosedError',
      ]);
      expect(printed.isError).toEqual([true, true]);
    });
  });
});

describe('a TypeScript program that uses the package', () => {
  type Module = CompilerSettings['module'];
  const ALL: Module[] = ['node16', 'nodenext', 'preserve'];
  const [ES, DOM, DISPOSABLE] = ['es2022', 'dom', 'esnext.disposable'];
  const CASES: [libs: string[], modules: Module[], programs: string[]][] = [
    [[ES], ALL, [PROGRAM]],
    [[ES, DOM], ALL, [PROGRAM, WITH_SIGNALS]],
    [[ES, DISPOSABLE], ['nodenext'], [PROGRAM, WITH_DISPOSAL]],
  ];
  const CASES_WITH_NODE_TYPES: typeof CASES = [
    [[ES], ['node16', 'preserve'], [PROGRAM, WITH_SIGNALS, WITH_AGENTS, WITH_DISPOSAL]],
    [[ES, DOM, DISPOSABLE], ['nodenext'], [PROGRAM, WITH_SIGNALS, WITH_AGENTS, WITH_DISPOSAL]],
  ];
  const eachModule = (cases: typeof CASES): [string, Module, string[], string[]][] =>
    cases.flatMap(([lib, modules, programs]) =>
      modules.map(
        (module) => [lib.join(', '), module, lib, programs] as [string, Module, string[], string[]],
      ),
    );
  const compile = (settings: CompilerSettings, programs: readonly string[]): Promise<string> => {
    // As an ES module and as CommonJS, where that is the file's choice.
    const extensions = settings.module === 'preserve' ? ['ts'] : ['mts', 'cts'];
    const files = programs.flatMap((code, index) =>
      extensions.map((end) => [`program${index}.${end}`, code]),
    );
    return consumer.compile(settings, Object.fromEntries(files) as Record<string, string>);
  };

  it.each(eachModule(CASES))(
    'compiles without @types/node, with the library %s and the modules of %s',
    async (_lib, module, lib, programs) => {
      expect(await compile({ module, lib, nodeTypes: false }, programs)).toBe('');
    },
    TIMEOUT,
  );

  it.each(eachModule(CASES_WITH_NODE_TYPES))(
    'compiles with @types/node, the library %s and the modules of %s',
    async (_lib, module, lib, programs) => {
      expect(await compile({ module, lib, nodeTypes: true }, programs)).toBe('');
    },
    TIMEOUT,
  );
});
