import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import ts from 'typescript';
import { modulesUnder, visit } from '../../support/modules';

/** The modules of Node that a request runs through. */
const MODULES =
  /^(_http_(client|agent|common|incoming|outgoing)|https?|net|tls|_tls_(common|wrap)|url|dns|internal\/(net|url|http|tls\/.*|dns\/.*|streams\/(readable|writable|duplex|destroy|state|utils)))$/;

/** Prints the source of Node's own modules, by name. The flag gives access to them in every version from 20 on. */
const PRINT_SOURCES = `
  const { internalBinding } = require('internal/test/binding');
  const sources = Object.entries(internalBinding('builtins').natives);
  process.stdout.write(JSON.stringify(sources.filter(([name]) => ${String(MODULES)}.test(name))));
`;

/** What Node calls objects of options. */
const OPTIONS = /(opt(ion)?s?|url|input|context|state)$/i;

/** Every name that the modules `http`, `https`, `net`, `tls` and `url` of this version of Node read from options. */
export async function optionNamesOfNode(): Promise<string[]> {
  const args = ['--expose-internals', '--no-warnings', '-e', PRINT_SOURCES];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  const names = new Set<string>();
  for (const [module, text] of JSON.parse(stdout) as [string, string][]) {
    const file = ts.createSourceFile(`${module}.js`, text, ts.ScriptTarget.Latest, true);
    visit(file, (node) => {
      for (const name of namesReadBy(node)) names.add(name);
    });
  }
  return [...names].filter((name) => /^[a-z_]\w*$/i.test(name)).sort();
}

/**
 * Every name that an interface or a type literal of the library declares, and so every option, whether a user's or internal,
 * and every name whose presence it tests with `in`.
 */
export function optionNamesOfLibrary(): string[] {
  const names = new Set<string>();
  for (const { path, text } of modulesUnder('lib')) {
    visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true), (node) => {
      for (const name of namesOfLibraryIn(node)) names.add(name);
    });
  }
  return [...names].filter((name) => /^[a-z_]\w*$/i.test(name)).sort();
}

/** `interface { name: T }`, `{ name: T }`, `{ name(): T }`, and `'name' in value`. */
function namesOfLibraryIn(node: ts.Node): string[] {
  if (ts.isPropertySignature(node) || ts.isMethodSignature(node))
    return ts.isIdentifier(node.name) ? [node.name.text] : literal(node.name);
  const isTest = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword;
  return isTest ? literal(node.left) : [];
}

/** `options.name`, `options['name']`, `{ name } = options`, `function f({ name })`, and `ObjectHasOwn(options, 'name')`. */
function namesReadBy(node: ts.Node): string[] {
  if (ts.isPropertyAccessExpression(node)) return isOptions(node.expression) ? [node.name.text] : [];
  if (ts.isElementAccessExpression(node))
    return isOptions(node.expression) ? literal(node.argumentExpression) : [];
  if (ts.isCallExpression(node))
    return node.expression.getText().includes('HasOwn') ? literal(node.arguments[1]) : [];
  if (!ts.isObjectBindingPattern(node)) return [];
  const { parent } = node;
  const isRead =
    ts.isParameter(parent) || (ts.isVariableDeclaration(parent) && isOptions(parent.initializer));
  if (!isRead) return [];
  return node.elements.flatMap(({ propertyName, name }) => {
    const from = propertyName ?? name;
    return ts.isIdentifier(from) ? [from.text] : [];
  });
}

/** `options`, `this.options`, `options || {}` */
function isOptions(node: ts.Expression | undefined): boolean {
  if (node && ts.isBinaryExpression(node)) return isOptions(node.left);
  return node !== undefined && OPTIONS.test(node.getText());
}

function literal(node: ts.Node | undefined): string[] {
  return node && ts.isStringLiteralLike(node) ? [node.text] : [];
}
