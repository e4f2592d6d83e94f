import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inspect } from 'node:util';
import ts from 'typescript';
import { ROOT } from './program';

/** A code block of a page. */
export interface Block {
  /** The line of the page on which it starts. */
  line: number;
  code: string;
  page?: string;
}

/** A page of the documentation, relative to the top of the checkout. */
export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The pages that users read. */
export const USER_PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The blocks of one language in a page. */
export function blocksOf(page: string, language: string): Block[] {
  const fences = page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...fences].map((fence) => ({
    line: page.slice(0, fence.index).split('\n').length + 1,
    code: fence[1] ?? '',
  }));
}

/** The rows of the table whose first heading is `heading`, without the headings. */
export function tableOf(page: string, heading: string): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^\\| ${heading} +\\|`).test(line));
  if (start < 0) throw new Error(`There is no table of ${heading}.`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The code in the column `heading` of every table that has one: each code of each cell. */
export function codeInColumn(page: string, heading: string): string[] {
  const rows = page.split('\n').map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  let column = -1;
  return rows.flatMap((cells) => {
    if (cells.length < 3) column = -1;
    else if (column < 0) column = cells.indexOf(heading);
    else return codeIn(cells[column] ?? '');
    return [];
  });
}

/** The texts between backticks. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
}

/** What every block may use, unless it declares it: a manager, and an image of the account. */
const PRELUDE = {
  api: "const api = new (await import('doapi-ts')).DOApi(); ",
  image: 'const image = await api.fetchImage(63663001); ',
};

/** The block with its prelude, on the first line so that line numbers do not change. */
function whole({ code }: Block): string {
  const declares = (name: string): boolean =>
    new RegExp(`^(const|await using) \\w*?${name} =`, 'm').test(code);
  if (declares('api')) return code;
  return PRELUDE.api + (declares('image') ? '' : PRELUDE.image) + code;
}

/** `console.log(value); // what it prints` */
const CLAIM = /^(\s*)console\.log\((.*)\); \/\/ (.*)$/gm;

/** The output that a block claims, in order. */
export function claimsOf({ code }: Block): string[] {
  return [...code.matchAll(CLAIM)].map((claim) => claim[3] ?? '');
}

/** What a block prints without a claim is not shown. */
const SILENT = Object.fromEntries(
  ['log', 'debug', 'info', 'warn', 'error'].map((level) => [level, () => undefined]),
);

/** Modules of Node and packages that are installed. */
const requireHere = createRequire(__filename);

/** Like `Function`, but the text may contain `await`. */
const AsyncFunction = (async () => Promise.resolve()).constructor as new (
  ...text: string[]
) => (...values: unknown[]) => Promise<void>;

/** Runs a block with these modules. @returns the output of the lines with a claim */
export async function run(block: Block, modules: Readonly<Record<string, object>>): Promise<string[]> {
  const printed: string[] = [];
  const code = whole(block).replace(CLAIM, '$1claim($2);');
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
    },
  });
  const scope = {
    exports: {},
    console: SILENT,
    require: (name: string): unknown => modules[name] ?? requireHere(name),
    claim: (...values: unknown[]) => printed.push(values.map(show).join(' ')),
  };
  await new AsyncFunction(...Object.keys(scope), outputText)(...Object.values(scope));
  return printed;
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { breakLength: Infinity });
}

/** Compiles the blocks as modules of a user. @returns the compiler's errors, with lines of the page */
export function compile(blocks: readonly Block[]): string[] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT);
  Object.assign(options, {
    module: ts.ModuleKind.ESNext,
    noUnusedLocals: false,
    paths: {
      'doapi-ts': ['./lib/index.ts'],
      'doapi-ts/sandbox': ['./lib/sandbox/index.ts'],
      'doapi-ts/redis': ['./lib/redis/index.ts'],
      // Not installed: the types of its test and expect that pages use are those of Jest.
      vitest: ['./node_modules/@jest/globals'],
    },
  });
  // In a folder beside lib, where the examples of contributors import from `../lib`.
  const pathOf = (index: number): string => join(ROOT, 'page', `${index}.ts`);
  const files = new Map(blocks.map((block, index) => [pathOf(index), `${whole(block)}\nexport {};`]));
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => files.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => files.get(path) ?? ts.sys.readFile(path);
  const program = ts.createProgram([...files.keys()], options, host);
  return blocks.flatMap(({ line, page = '' }, index) => {
    const file = program.getSourceFile(pathOf(index));
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText, start = 0 }) => {
        const at = line + (file?.getLineAndCharacterOfPosition(start).line ?? 0);
        return `${page} line ${at}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`.trim();
      },
    );
  });
}

/** The public members that a class or interface of the library declares itself. */
export function membersOf(name: string): string[] {
  const declaration = declarations().get(name);
  if (!declaration) throw new Error(`The library declares no ${name}.`);
  return declaration.members.flatMap((member) =>
    isPublic(member) && member.name && ts.isIdentifier(member.name) ? [member.name.text] : [],
  );
}

type Declaration = ts.ClassDeclaration | ts.InterfaceDeclaration;

let cached: Map<string, Declaration> | undefined;

function declarations(): Map<string, Declaration> {
  cached ??= new Map(
    readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(ROOT, 'lib', path), 'utf8'))
      .flatMap((text) => [...ts.createSourceFile('', text, ts.ScriptTarget.ES2022).statements])
      .filter((node) => ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
      .map((node) => [node.name?.text ?? '', node]),
  );
  return cached;
}

const HIDDEN = [
  ts.SyntaxKind.PrivateKeyword,
  ts.SyntaxKind.ProtectedKeyword,
  ts.SyntaxKind.StaticKeyword,
  ts.SyntaxKind.OverrideKeyword,
];

function isPublic(member: ts.ClassElement | ts.TypeElement): boolean {
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
  return !modifiers.some(({ kind }) => HIDDEN.includes(kind));
}
