import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cycleIn, modulesUnder, ROOT } from './support/modules';

const MAX_LINES = 250;
const MAX_FILES = 14;

/** Folders with more files than that, and why. */
const LARGE_FOLDERS: Readonly<Record<string, string>> = {
  lib: 'the table of contents of the API: one file for each noun, and for each verb that does not fit there',
};

/**
 * The files and folders of lib, from the top layer to the bottom layer. Each imports only from layers below its own, and
 * from itself.
 */
const LAYERS: readonly (readonly string[])[] = [
  ['index.ts'],
  ['lazy-classes.ts'],
  ['doapi.ts'],
  ['prune-client.ts'],
  ['image-client.ts'],
  ['prune'],
  ['droplet-client.ts', 'image-query.ts'],
  ['droplet-creation.ts', 'snapshot-client.ts'],
  ['droplet.ts', 'placement.ts'],
  ['droplet-verbs.ts', 'snapshot.ts', 'take-snapshot.ts'],
  ['droplet-params.ts', 'snapshot-search.ts'],
  ['droplet-steps.ts'],
  ['image.ts'],
  [
    'actionable.ts',
    'droplet-networks.ts',
    'droplet-wait.ts',
    'image-offer.ts',
    'image-params.ts',
    'new-droplet.ts',
    'replicate.ts',
  ],
  ['taggable.ts'],
  ['fits.ts', 'reconcile.ts', 'transfers.ts'],
  ['action.ts'],
  ['region.ts'],
  ['resource-client.ts'],
  ['api-client.ts'],
  ['options.ts', 'polling', 'request-options.ts', 'scopes.ts', 'version.ts'],
  ['pagination'],
  ['http'],
  ['rate-limit'],
  ['shared-store.ts'],
  ['shared-permits.ts', 'shared-polls.ts'],
  ['model'],
  ['errors'],
  ['util'],
];

/** What is beside the layers: all that each of them may import, and the modules that may import it. */
const BESIDE: Readonly<Record<string, { imports: readonly string[]; importedBy: readonly string[] }>> = {
  'cli.ts': { imports: ['repl/main.ts', 'sandbox/sandbox-command.ts'], importedBy: [] },
  repl: {
    imports: [
      'index.ts',
      'model/display.ts',
      'model/requester.ts',
      'model/wait-target.ts',
      'polling/wait-options.ts',
      'sandbox/index.ts',
      'util',
      'version.ts',
    ],
    importedBy: ['cli.ts'],
  },
  redis: {
    imports: ['shared-permits.ts', 'shared-polls.ts', 'shared-store.ts', 'util'],
    importedBy: [],
  },
  sandbox: {
    imports: ['doapi.ts', 'http/transport/types.ts', 'model/requester.ts', 'options.ts', 'util'],
    importedBy: ['cli.ts', 'repl'],
  },
};

/** Words that the field does not use for what this library does. */
const JARGON = /\b(lookout|errand|heed|whoever|nobody|somebody|so-manieth|passage|patience)s?\b/i;

const modules = modulesUnder('lib');

/** The import specifiers of packages do not begin with `lib/`. */
const inLib = (path: string): string | null => (path.startsWith('lib/') ? path.slice('lib/'.length) : null);

const isWithin = (path: string, entries: readonly string[]): boolean =>
  entries.some((entry) => path === entry || path.startsWith(`${entry}/`));

/** The imports of each module inside lib that `isAllowed` rejects, as `from → to`. */
function forbidden(isAllowed: (from: string, to: string) => boolean): string[] {
  return modules.flatMap(({ path, imports }) => {
    const from = inLib(path) ?? '';
    const targets = imports.flatMap((name) => inLib(name) ?? []);
    return targets.filter((to) => !isAllowed(from, to)).map((to) => `${from} → ${to}`);
  });
}

/** The keys that have more than one path, with these paths. */
function duplicates(pairs: readonly (readonly [key: string, path: string])[]): string[] {
  const paths = new Map<string, string[]>();
  for (const [key, path] of pairs) paths.set(key, [...(paths.get(key) ?? []), path]);
  return [...paths].filter(([, all]) => all.length > 1).map(([key, all]) => `${key}: ${all.join(', ')}`);
}

describe('the modules of lib', () => {
  it('are read with all their imports: of types, of packages, inside functions', () => {
    const imports = (path: string): string[] => modules.find((one) => one.path === path)?.imports ?? [];
    expect(imports('lib/image.ts')).toEqual(expect.arrayContaining(['lib/action.ts', 'lib/actionable.ts']));
    expect(imports('lib/http/client.ts')).toEqual(
      expect.arrayContaining(['axios', 'axios-retry', 'lib/http/call-state.ts']),
    );
    expect(imports('lib/api-client.ts')).toContain('lib/http/client.ts');
  });

  it('do not import each other in cycles, types included', () => {
    expect(cycleIn(modules)).toBeNull();
    const module = { path: 'a', imports: ['b'], text: '', words: new Set<string>(), exports: [] };
    expect(cycleIn([module, { ...module, path: 'b', imports: ['c'] }, { ...module, path: 'c' }])).toEqual([
      'b',
      'c',
      'b',
    ]);
  });

  const layerOf = (path: string): number => LAYERS.findIndex((layer) => isWithin(path, layer));
  const entryOf = (path: string): string =>
    [...LAYERS.flat(), ...Object.keys(BESIDE)].find((entry) => isWithin(path, [entry])) ?? '';

  it('each belong to a layer, or to an entry beside them', () => {
    expect(modules.filter(({ path }) => entryOf(inLib(path) ?? '') === '').map(({ path }) => path)).toEqual(
      [],
    );
  });

  it('import only from layers below their own', () => {
    const isDownwards = (from: string, to: string): boolean =>
      layerOf(from) === -1 || entryOf(from) === entryOf(to) || layerOf(from) < layerOf(to);
    expect(forbidden(isDownwards)).toEqual([]);
  });

  it.each(Object.entries(BESIDE))('%s is beside the layers: %j', (entry, { imports, importedBy }) => {
    const isInside = (path: string): boolean => isWithin(path, [entry]);
    expect(forbidden((from, to) => !isInside(from) || isInside(to) || isWithin(to, imports))).toEqual([]);
    expect(forbidden((from, to) => !isInside(to) || isInside(from) || isWithin(from, importedBy))).toEqual(
      [],
    );
  });

  it('contain the name of axios in one file only', () => {
    const files = modules.filter(({ words }) => [...words].some((word) => /axios/i.test(word)));
    expect(files.map(({ path }) => path)).toEqual(['lib/http/client.ts']);
  });

  it(`have at most ${MAX_LINES} lines each`, () => {
    const lines = modules.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
    expect(lines.filter((one) => one.lines > MAX_LINES)).toEqual([]);
  });

  it('have distinct names, except index.ts', () => {
    const names = modules.map(({ path }) => [basename(path), path] as const);
    expect(duplicates(names.filter(([name]) => name !== 'index.ts'))).toEqual([]);
  });

  it('export distinct names, except the main functions of programs', () => {
    // Those of lazy-classes.ts are the same classes.
    const own = modules.filter(({ path }) => path !== 'lib/lazy-classes.ts');
    const names = own.flatMap(({ path, exports }) => exports.map((name) => [name, path] as const));
    expect(duplicates(names.filter(([name]) => name !== 'main'))).toEqual([]);
  });
});

describe('the files of tools', () => {
  it('import nothing of the specs, which import them', () => {
    const tools = modulesUnder('tools');
    expect(tools.some(({ imports }) => imports.includes('tools/support/consumer.ts'))).toBe(true);
    const importers = tools.filter(({ imports }) => imports.some((name) => name.startsWith('spec/')));
    expect(importers.map(({ path }) => path)).toEqual([]);
  });
});

describe('the folders of lib', () => {
  const folders = [...new Set(modules.map(({ path }) => dirname(path)))];

  it(`have at most ${MAX_FILES} modules each, except those listed with a reason`, () => {
    const counts = folders.map((folder) => ({
      folder,
      files: modules.filter(({ path }) => dirname(path) === folder).length,
    }));
    const large = counts.filter(({ files }) => files > MAX_FILES).map(({ folder }) => folder);
    expect(large).toEqual(Object.keys(LARGE_FOLDERS));
  });

  it('each have a README.md', () => {
    const subfolders = folders.filter((folder) => folder !== 'lib');
    expect(subfolders.filter((folder) => !existsSync(join(ROOT, folder, 'README.md')))).toEqual([]);
  });
});

describe('the words of lib, docs and README.md', () => {
  it('are those of the field', () => {
    const documents = ['lib', 'docs'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(ts|md)$/.test(path))
        .map((path) => join(folder, path)),
    );
    const matches = [...documents, 'README.md'].flatMap((path) =>
      readFileSync(join(ROOT, path), 'utf8')
        .split('\n')
        .flatMap((line, index) => {
          const word = JARGON.exec(line)?.[0];
          return word === undefined ? [] : [`${path}:${index + 1}: ${word}`];
        }),
    );
    expect(matches).toEqual([]);
  });
});
