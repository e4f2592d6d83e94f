import { resolve } from 'node:path';

/** Blanks and comments. */
const BLANK = /(?:\s|\/\/[^\r\n]*(?![^\r\n])|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*/y;
/** `import` as the beginning of a declaration, not of `import()` or `import.meta`. */
const KEYWORD = /import\b(?!\s*[.(])/y;
/** An import declaration: whether of types, its default, names or namespace, and the module. */
const DECLARATION =
  /import\b\s*(type\b(?!\s*(?:,|from\b))\s*)?(?:([\w$]+)\s*(?:,\s*)?)?(?:\{([^}]*)\}\s*|\*\s*as\s+([\w$]+)\s*)?(?:from\s*)?(["'])([^"'\r\n]+)\5(?:\s*with\s*\{[^}]*\})?[ \t]*;?/y;
/** `const` or `let` as the beginning of a declaration; `let` may be a name, too. */
const LEXICAL = /^(?:const(?![\w$])|let(?=\s*[[{]|\s+(?!in\b|instanceof\b)[\w$\\\u0080-\uffff]))/;
/** A name in braces: `type Image`, `Image as Picture`. */
const NAME = /^\s*(type\s+(?!as\b))?([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/;

/** An import declaration at the beginning of code. */
interface ImportLine {
  start: number;
  end: number;
  /** Where the name of the module is, with its quotes. */
  nameStart: number;
  module: string;
  /** JavaScript that does the same in a session; empty for types. */
  code: string;
}

/** @returns whether code begins with an import declaration, after comments */
export function beginsWithImport(code: string): boolean {
  KEYWORD.lastIndex = afterBlanks(code, 0);
  return KEYWORD.test(code);
}

/**
 * The import declarations at the beginning of code as statements that a script may have, with as many lines: Node takes no
 * declarations in a session. They declare with `var`, so that code can be run again.
 * @returns `null` when a declaration has no end yet
 */
export function importsAsStatements(code: string): string | null {
  const { lines, isOpen } = importLines(code);
  if (isOpen) return null;
  return replaced(code, lines, ({ start, end, code: statement }) => {
    const breaks = code.slice(start, end).match(/\n/g) ?? [];
    return [start, end, statement + breaks.join('')];
  });
}

/**
 * JavaScript that a session can run again: its imports are statements, and a declaration at its beginning is one with `var`.
 * @returns `null` when an import has no end yet
 */
export function repeatableLine(code: string): string | null {
  const start = afterBlanks(code, 0);
  return importsAsStatements(code.slice(0, start) + code.slice(start).replace(LEXICAL, asVar));
}

/** As long as the word, so that columns stay. */
function asVar(word: string): string {
  return 'var'.padEnd(word.length);
}

/** The code with the relative imports at its beginning those of a folder. */
export function importsFrom(code: string, folder: string): string {
  const relative = importLines(code).lines.filter(({ module }) => /^\.{1,2}\//.test(module));
  return replaced(code, relative, ({ nameStart, module }) => [
    nameStart,
    nameStart + module.length + 2,
    JSON.stringify(resolve(folder, module)),
  ]);
}

/** @returns the declarations at the beginning, and whether the last one has no end */
function importLines(code: string): { lines: ImportLine[]; isOpen: boolean } {
  const lines: ImportLine[] = [];
  for (let at = 0; ;) {
    const start = afterBlanks(code, at);
    KEYWORD.lastIndex = DECLARATION.lastIndex = start;
    if (!KEYWORD.test(code)) return { lines, isOpen: false };
    const found = DECLARATION.exec(code);
    // Whatever is no beginning of a declaration is an error for the engine to name.
    if (!found)
      return { lines, isOpen: /^import\s*(?:type\s*)?(?:[\w$]+\s*,\s*)?\{[^}]*$/.test(code.slice(start)) };
    const [text, type, own, names, namespace, quote = '', module = ''] = found;
    const end = start + text.length;
    const nameStart = start + text.lastIndexOf(quote + module + quote);
    const statement = type === undefined ? statementOf(module, { own, names, namespace }) : '';
    lines.push({ start, end, nameStart, module, code: statement });
    at = end;
  }
}

function afterBlanks(code: string, at: number): number {
  BLANK.lastIndex = at;
  BLANK.exec(code);
  return BLANK.lastIndex;
}

interface Imported {
  own: string | undefined;
  names: string | undefined;
  namespace: string | undefined;
}

function statementOf(module: string, { own, names, namespace }: Imported): string {
  const name = JSON.stringify(module);
  // A session has these modules at hand.
  const loaded = /^doapi-ts(?:\/|$)/.test(module) ? `require(${name})` : `await import(${name})`;
  const parts = (names ?? '').split(',').flatMap((part) => {
    const [, type, from, to = from] = NAME.exec(part) ?? [];
    return from === undefined || to === undefined || type !== undefined ? [] : [`${from}: ${to}`];
  });
  if (own !== undefined) parts.push(`default: ${own}`);
  const targets = [
    ...(namespace === undefined ? [] : [namespace]),
    ...(parts.length === 0 ? [] : [`{ ${parts.join(', ')} }`]),
  ];
  if (targets.length > 0) return targets.map((target) => `var ${target} = ${loaded};`).join(' ');
  // Only types, or nothing.
  return names === undefined ? `${loaded};` : '';
}

function replaced(
  code: string,
  lines: readonly ImportLine[],
  edit: (line: ImportLine) => [start: number, end: number, text: string],
): string {
  let result = '';
  let at = 0;
  for (const [start, end, text] of lines.map(edit)) {
    result += code.slice(at, start) + text;
    at = end;
  }
  return result + code.slice(at);
}
