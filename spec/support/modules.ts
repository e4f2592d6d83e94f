import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** The checkout. */
export const ROOT = resolve(__dirname, '../..');

/** A source file of the library. Paths are relative to the checkout, such as `lib/http/client.ts`. */
export interface Module {
  path: string;
  text: string;
  /** The modules that it imports, re-exports or refers to in a type: files of the library by path, packages by name. */
  imports: string[];
  /** All identifiers and string literals. */
  words: Set<string>;
  /** The names of the functions, classes, interfaces, types and constants that it declares and exports. */
  exports: string[];
}

/** All modules under a folder of the checkout. */
export function modulesUnder(folder: string): Module[] {
  return sourcesUnder(folder).map((path) => {
    const { imports, ...module } = moduleOf(path, readFileSync(join(ROOT, path), 'utf8'));
    return { ...module, imports: imports.map((name) => pathOf(name, path)) };
  });
}

/** A module with its import specifiers unresolved. */
export function moduleOf(path: string, text: string): Module {
  const imports = new Set<string>();
  const words = new Set<string>();
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  visit(file, (node) => {
    const name = importedBy(node);
    if (name !== null) imports.add(name);
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) words.add(node.text);
  });
  return { path, text, imports: [...imports], words, exports: file.statements.flatMap(exportedBy) };
}

/** The TypeScript files under a folder of the checkout. */
export function sourcesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('node_modules'))
    .sort();
}

/** Calls `visitor` for a node and all its descendants. */
export function visit(node: ts.Node, visitor: (node: ts.Node) => void): void {
  visitor(node);
  ts.forEachChild(node, (child) => visit(child, visitor));
}

/** The names that a statement declares and exports; not those of `export { … }`. */
function exportedBy(statement: ts.Statement): string[] {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : [];
  if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  const declarations = ts.isVariableStatement(statement)
    ? statement.declarationList.declarations
    : [statement as ts.DeclarationStatement];
  return declarations.flatMap(({ name }) => (name && ts.isIdentifier(name) ? [name.text] : []));
}

/** The module specifier of a node: `import`, `export … from`, `import()`, `require()`, `import('…').Type`, `declare module '…'`. */
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
  if (!found) throw new Error(`${importer} imports ${name}, which does not exist`);
  return relative(ROOT, found);
}

/** The first import cycle, as paths; `null` when there is none. */
export function cycleIn(modules: readonly Module[]): string[] | null {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const follow = (path: string, route: string[]): string[] | null => {
    if (route.includes(path)) return [...route.slice(route.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const next of byPath.get(path)?.imports ?? []) {
      const cycle = follow(next, [...route, path]);
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

/** A TypeScript program of these files. */
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

/** The symbols that a module of a program exports, including types. */
export function exportsOf(program: ts.Program, path: string): ts.Symbol[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(join(ROOT, path));
  const symbol = file && checker.getSymbolAtLocation(file);
  if (!symbol) throw new Error(`${path} is not a module`);
  return checker.getExportsOfModule(symbol);
}
