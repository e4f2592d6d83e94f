import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** The checkout. */
export const ROOT = resolve(__dirname, '../..');

/** A source file of the library. Paths begin at the checkout, such as `lib/core/http.ts`. */
export interface Module {
  path: string;
  text: string;
  /** What it imports, exports again or only names as a type: files of the library by path, packages by name. */
  imports: string[];
  /** Every word of the code; not those of comments. */
  words: Set<string>;
}

/** All modules under a folder of the checkout. */
export function modulesUnder(folder: string): Module[] {
  return sourcesUnder(folder).map((path) => {
    const { imports, ...module } = moduleOf(path, readFileSync(join(ROOT, path), 'utf8'));
    return { ...module, imports: imports.map((name) => pathOf(name, path)) };
  });
}

/** A module with its imports as they are written. */
export function moduleOf(path: string, text: string): Module {
  const imports = new Set<string>();
  const words = new Set<string>();
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true), (node) => {
    const name = importedBy(node);
    if (name !== null) imports.add(name);
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) words.add(node.text);
  });
  return { path, text, imports: [...imports], words };
}

/** The TypeScript files under a folder of the checkout. */
export function sourcesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('node_modules'))
    .sort();
}

/** Calls `look` for a node and everything in it. */
export function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

/** What a node imports: `import`, `export … from`, `import()`, `require()`, `import('…').Type`, `declare module '…'`. */
function importedBy(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isExternalModuleReference(node)) return textOf(node.expression);
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : null;
  if (ts.isModuleDeclaration(node)) return textOf(node.name);
  if (!ts.isCallExpression(node)) return null;
  const { expression, arguments: args } = node;
  const imports = expression.kind === ts.SyntaxKind.ImportKeyword || expression.getText() === 'require';
  return imports ? textOf(args[0]) : null;
}

function textOf(node: ts.Node | undefined): string | null {
  return node && ts.isStringLiteralLike(node) ? node.text : null;
}

function pathOf(name: string, importer: string): string {
  if (!name.startsWith('.')) return name;
  const target = resolve(ROOT, dirname(importer), name);
  const found = [`${target}.ts`, `${target}.d.ts`, join(target, 'index.ts'), target].find((path) =>
    ts.sys.fileExists(path),
  );
  if (!found) throw new Error(`${importer} imports ${name}, which is not there`);
  return relative(ROOT, found);
}

/** The files that lead back to where they began, or `null` when nothing goes round in circles. */
export function cycleIn(modules: readonly Module[]): string[] | null {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const follow = (path: string, way: string[]): string[] | null => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const next of byPath.get(path)?.imports ?? []) {
      const cycle = follow(next, [...way, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const { path } of modules) {
    const cycle = follow(path, []);
    if (cycle) return cycle;
  }
  return null;
}

/** A program of these files, with types. */
export function programOf(paths: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return ts.createProgram(
    paths.map((path) => join(ROOT, path)),
    options,
  );
}

/** What a module of a program exports, types too. */
export function exportsOf(program: ts.Program, path: string): ts.Symbol[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(join(ROOT, path));
  const symbol = file && checker.getSymbolAtLocation(file);
  if (!symbol) throw new Error(`${path} is not a module`);
  return checker.getExportsOfModule(symbol);
}
