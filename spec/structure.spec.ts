import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import ts from 'typescript';
import { Census } from './support/census';
import { cycleIn, exportsOf, modulesUnder, programOf, ROOT, sourcesUnder } from './support/modules';

const LONGEST_FILE = 250;

const modules = modulesUnder('lib');

/** Modules that import one of `names` or something in it, as `from → to`. */
const arrows = (from: (path: string) => boolean, to: (path: string) => boolean): string[] =>
  modules
    .filter(({ path }) => from(path))
    .flatMap(({ path, imports }) => imports.filter(to).map((name) => `${path} → ${name}`));

const within =
  (...folders: string[]) =>
  (path: string): boolean =>
    folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

describe('the modules of lib', () => {
  it('are read with their imports: of types, of packages, and those inside functions', () => {
    const imports = (path: string): string[] => modules.find((one) => one.path === path)?.imports ?? [];
    expect(imports('lib/image.ts')).toEqual(expect.arrayContaining(['lib/action.ts', 'lib/actionable.ts']));
    expect(imports('lib/http/client.ts')).toEqual(
      expect.arrayContaining(['axios', 'axios-retry', 'lib/http/call-state.ts']),
    );
  });

  it('do not import each other in circles, types included', () => {
    expect(cycleIn(modules)).toBeNull();
    const circle = { path: 'a', imports: ['b'], text: '', words: new Set<string>() };
    expect(cycleIn([circle, { ...circle, path: 'b', imports: ['c'] }, { ...circle, path: 'c' }])).toEqual([
      'b',
      'c',
      'b',
    ]);
  });

  it('know no noun in core: it imports nothing from above', () => {
    const core = within('lib/core');
    expect(arrows(core, (name) => name.startsWith('lib/') && !core(name))).toEqual([]);
  });

  // The programs use them, and the REPL has the sandbox at hand.
  it.each([
    ['lib/sandbox', ['lib/repl', 'lib/cli.ts']],
    ['lib/repl', ['lib/cli.ts']],
    ['lib/cli.ts', []],
  ])('can do without %s: only %j may import it', (path, users) => {
    expect(arrows((from) => !within(path, ...users)(from), within(path))).toEqual([]);
  });

  it('speak of axios in one place', () => {
    const speakers = modules.filter(({ words }) => [...words].some((word) => /axios/i.test(word)));
    expect(speakers.map(({ path }) => path)).toEqual(['lib/http/client.ts']);
  });

  it(`have at most ${LONGEST_FILE} lines each`, () => {
    const lines = modules.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
    expect(lines.filter((one) => one.lines > LONGEST_FILE)).toEqual([]);
  });
});

/** What `import … from 'doapi-ts'` gives. A new name is a promise to users: add it here when it is one. */
const CLASSES = [
  'Action',
  'ActionError',
  'AuthenticationError',
  'ClosedError',
  'ConnectionError',
  'DOApi',
  'DOApiError',
  'Image',
  'ImageImportError',
  'Listing',
  'NotFoundError',
  'PermissionDeniedError',
  'RateLimitError',
  'RedirectError',
  'Region',
  'ResponseError',
  'ServerError',
  'TimeoutError',
  'UnexpectedResponseError',
  'UnknownOutcomeError',
  'UnprocessableError',
  'WaitTimeoutError',
];
const TYPES = [
  'ActOptions',
  'ActionBody',
  'ActionStatus',
  'Cancellable',
  'Clock',
  'DOApiOptions',
  'Hooks',
  'ImageChanges',
  'ImageFilter',
  'ImageStatus',
  'ImageType',
  'ListingOptions',
  'Logger',
  'Method',
  'NewImage',
  'Page',
  'PaginateOptions',
  'Params',
  'Progress',
  'RateLimit',
  'RateLimitBudget',
  'RegionLike',
  'ReplicateOptions',
  'Replication',
  'RequestEvent',
  'RequestOptions',
  'ResponseEvent',
  'RetryEvent',
  'TokenSource',
  'TransportAdapter',
  'TransportOptions',
  'TransportRequest',
  'TransportResponse',
  'WaitOptions',
];

describe('the public names', () => {
  const program = programOf([...sourcesUnder('lib'), ...sourcesUnder('spec')]);
  const checker = program.getTypeChecker();
  const exported = exportsOf(program, 'lib/index.ts');
  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const isValue = (symbol: ts.Symbol): boolean => (resolved(symbol).flags & ts.SymbolFlags.Value) !== 0;

  it('are these classes', () => {
    const names = exported.filter(isValue).map(({ name }) => name);
    expect(names.sort()).toEqual(CLASSES);
  });

  it('are these types', () => {
    const names = exported.filter((symbol) => !isValue(symbol)).map(({ name }) => name);
    expect(names.sort()).toEqual(TYPES);
  });

  /** What is named in a check of types alone, or in the contract, has not been tried by a spec. */
  const isSpec = within(join(ROOT, 'spec'));
  const triesNothing = within(join(ROOT, 'spec/types'), join(ROOT, 'spec/contract'));
  const specs = program
    .getSourceFiles()
    .filter(({ fileName }) => isSpec(fileName) && !triesNothing(fileName));
  const census = new Census(checker, specs);

  it.each([
    ['DOApi', ['fetchImage', 'rateLimit', 'request', 'waitActions', 'close']],
    ['Image', ['transfer', 'url', 'waitForAction', 'toJSON', 'raw']],
    ['Action', ['wait', 'done', 'fetchResource', 'throwIfErrored']],
    ['Region', ['toString', 'raw']],
    ['Listing', ['drifted', 'pages', 'toArray']],
  ])('of the methods and getters of %s each stand in some spec', (name, some) => {
    const [type] = exported
      .filter((one) => one.name === name)
      .map((symbol) => checker.getDeclaredTypeOfSymbol(resolved(symbol)));
    if (!type) throw new Error(`${name} is not exported`);
    expect(census.membersOf(type)).toEqual(expect.arrayContaining(some));
    expect(census.missing(type)).toEqual([]);
  });
});
