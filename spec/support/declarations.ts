import { dirname, join, normalize, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { ROOT, visit } from './modules';

/** What a user imports, and the declarations that it leads to. */
export const ENTRIES: Readonly<Record<string, string>> = {
  'doapi-ts': 'index.d.ts',
  'doapi-ts/redis': 'redis/index.d.ts',
  'doapi-ts/sandbox': 'sandbox/index.d.ts',
};

const DIST = join(ROOT, 'dist');
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
  strict: true,
  noEmit: true,
};

/** The declarations of the build by their paths, without what is internal. `dist/` itself is neither read nor written. */
function emitted(): Map<string, string> {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.build.json'), (path) =>
    ts.sys.readFile(path),
  ) as {
    config: unknown;
  };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const program = ts.createProgram(fileNames, { ...options, emitDeclarationOnly: true });
  const files = new Map<string, string>();
  program.emit(undefined, (path, text) => files.set(path, text));
  return files;
}

/** The public declarations, as the compiler and the editor of a user read them. */
export class Declarations {
  readonly #files = emitted();
  readonly program = ts.createProgram(this.entries, OPTIONS, this.#host());
  readonly checker = this.program.getTypeChecker();

  /** The declarations that a user's compiler reads. */
  get sources(): ts.SourceFile[] {
    return this.program.getSourceFiles().filter(({ fileName }) => this.#files.has(fileName));
  }

  /** All nodes of these, with a test of their kind. */
  find<T extends ts.Node>(isWanted: (node: ts.Node) => node is T): T[] {
    const found: T[] = [];
    for (const source of this.sources) visit(source, (node) => isWanted(node) && found.push(node));
    return found;
  }

  /** The symbols that the entries export, without aliases, and those of their types: a class that is loaded late has two. */
  get exported(): Set<ts.Symbol> {
    const symbols = this.entries.flatMap((path) => {
      const source = this.program.getSourceFile(path);
      const module = source && this.checker.getSymbolAtLocation(source);
      if (!module) throw new Error(`${path} is not a module`);
      return this.checker.getExportsOfModule(module).map((symbol) => this.target(symbol));
    });
    const ofType = (symbol: ts.Symbol): ts.Symbol | undefined =>
      this.checker.getDeclaredTypeOfSymbol(symbol).getSymbol();
    return new Set(symbols.flatMap((symbol) => [symbol, ofType(symbol) ?? symbol]));
  }

  /** The symbol that an import or re-export leads to. */
  target(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** Whether a node is one of these declarations, not of the platform or of another package. */
  has(node: ts.Node): boolean {
    return this.#files.has(node.getSourceFile().fileName);
  }

  /** Where a node is: `droplet.d.ts: its text`. */
  placeOf(node: ts.Node): string {
    return `${relative(DIST, node.getSourceFile().fileName)}: ${node.getText().replace(/\s+/g, ' ')}`;
  }

  /** What an editor offers where `code` has a `|`. `doapi-ts` and its entries can be imported. */
  completions(code: string): string[] {
    const path = join(DIST, 'editor.ts');
    const files = this.#host(new Map([[path, code.replace('|', '')]]));
    const host: ts.LanguageServiceHost = {
      fileExists: (name) => files.fileExists(name),
      readFile: (name) => files.readFile(name),
      directoryExists: (name) => files.directoryExists?.(name) ?? false,
      getCurrentDirectory: () => ROOT,
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      getCompilationSettings: () => ({
        ...OPTIONS,
        paths: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, [join(DIST, file)]])),
      }),
      getScriptFileNames: () => [path],
      getScriptVersion: () => '1',
      getScriptSnapshot: (name) => {
        const text = files.readFile(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
    };
    const service = ts.createLanguageService(host);
    return (
      service.getCompletionsAtPosition(path, code.indexOf('|'), {})?.entries.map(({ name }) => name) ?? []
    );
  }

  get entries(): string[] {
    return Object.values(ENTRIES).map((file) => join(DIST, file));
  }

  /** Reads the declarations from memory, as if `dist/` had them and nothing else. */
  #host(more: ReadonlyMap<string, string> = new Map()): ts.CompilerHost {
    const inMemory = (path: string): string | undefined => more.get(path) ?? this.#files.get(path);
    const isOurs = (path: string): boolean => path === DIST || path.startsWith(DIST + sep);
    const folders = new Set([DIST, ...[...this.#files.keys()].map((path) => dirname(path))]);
    const host = ts.createCompilerHost(OPTIONS);
    return {
      ...host,
      fileExists: (path) =>
        isOurs(path) ? inMemory(normalize(path)) !== undefined : ts.sys.fileExists(path),
      readFile: (path) => (isOurs(path) ? inMemory(path) : ts.sys.readFile(path)),
      directoryExists: (path) => (isOurs(path) ? folders.has(resolve(path)) : ts.sys.directoryExists(path)),
      getSourceFile: (path, version) => {
        const text = inMemory(path);
        return text === undefined
          ? host.getSourceFile(path, version)
          : ts.createSourceFile(path, text, version, true);
      },
    };
  }
}
