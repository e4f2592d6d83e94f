import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What the declarations say about a name. */
export interface Declared {
  /** `Image.transfer(region: RegionLike, options?: ActOptions): Promise<Action>`, one line for each overload. */
  signature: string;
  /** Its docstring without the comment signs; empty without one. */
  comment: string;
}

/** A declaration on the top level of a file, or a member of one. */
interface Declaration extends Declared {
  name: string;
  /** The class or interface that it extends. */
  base: string | undefined;
  members: readonly Declaration[];
}

const HOME = join(__dirname, '..', '..');

/** An exported declaration; the compiler writes each at the beginning of a line. */
const EXPORTED = /^export (?:declare )?(?:abstract )?(class|interface|type|function|const|enum) ([\w$]+)/;
/** At the end of the line that begins a class or an interface. */
const BASE = /^.* extends ([\w$]+)(?:<.*>)?(?: implements .*| extends .*)? \{/;
/** A docstring, and the statement after it up to the line that ends it. `INDENT` is that of the statement. */
const statementsOf = (indent: string): RegExp =>
  new RegExp(
    String.raw`(?:^${indent}/\*\*((?:[^*]|\*(?!/))*)\*/\r?\n)?^${indent}((?![\s}/]).*(?:\r?\n(?:${indent}[\s}].*)?)*)`,
    'gm',
  );
const TOP = statementsOf('');
const MEMBER = statementsOf('    ');
const MEMBER_NAME = /^(?:static |abstract |readonly |get |set |async )*([\w$]+)\??[(:<]/;

/**
 * The declarations that the package ships, which the compiler has written: one form, so that they are read without one. In a
 * checkout, TypeScript writes those of a source file when they are asked for.
 */
export class Declarations {
  readonly #files: readonly string[];
  readonly #found = new Map<string, Declaration | null>();

  /** @param folder where the declarations or sources are */
  constructor(private readonly folder = HOME) {
    const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    );
    const shipped = all.filter((path) => path.endsWith('.d.ts'));
    this.#files = existsSync(join(folder, 'index.d.ts')) ? shipped : all;
  }

  /** What is declared for a class, an interface, a function or a type, or for a member: `Image`, `Image.transfer`. */
  find(name: string, member?: string): Declared | null {
    const seen = new Set<string>();
    for (let at: string | undefined = name; at !== undefined && !seen.has(at);) {
      seen.add(at);
      const declared = this.#declaration(at);
      if (declared === null) return null;
      if (member === undefined) return { signature: declared.signature, comment: declared.comment };
      const found = declared.members.filter((one) => one.name === member);
      const [first] = found;
      if (first !== undefined)
        return {
          signature: found.map(({ signature }) => `${name}.${signature}`).join('\n'),
          comment: found.find(({ comment }) => comment !== '')?.comment ?? first.comment,
        };
      at = declared.base;
    }
    return null;
  }

  #declaration(name: string): Declaration | null {
    let found = this.#found.get(name);
    if (found === undefined) {
      found = this.#read(name);
      this.#found.set(name, found);
    }
    return found;
  }

  #read(name: string): Declaration | null {
    const isDeclared = new RegExp(
      `^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const|enum) ${name.replace(/\$/g, '\\$')}\\b`,
      'm',
    );
    for (const file of this.#files) {
      const text = readFileSync(join(this.folder, file), 'utf8');
      if (!isDeclared.test(text)) continue;
      const declarations = declarationsIn(file.endsWith('.d.ts') ? text : declarationText(file, text));
      const found = declarations.find((one) => one.name === name);
      if (found) return found;
    }
    return null;
  }
}

/** The declarations of a source file. */
function declarationText(file: string, text: string): string {
  const { transpileDeclaration } = createRequire(__filename)('typescript') as typeof import('typescript');
  const compilerOptions = { stripInternal: true, experimentalDecorators: true };
  return transpileDeclaration(text, { fileName: file, compilerOptions }).outputText;
}

/** The exported declarations in a text of the compiler. */
export function declarationsIn(text: string): Declaration[] {
  return [...text.matchAll(TOP)].flatMap(([, comment = '', statement = '']) => {
    const [, kind = '', name] = EXPORTED.exec(statement) ?? [];
    if (name === undefined) return [];
    const hasMembers = kind === 'class' || kind === 'interface';
    const [head = ''] = statement.split(/ ?\{\r?\n/, 1);
    return [
      {
        name,
        base: BASE.exec(statement)?.[1],
        signature: (hasMembers ? head : statement).replace(/^export (?:declare )?/, '').trim(),
        comment: commentText(comment),
        members: hasMembers ? membersIn(statement) : [],
      },
    ];
  });
}

function membersIn(statement: string): Declaration[] {
  return [...statement.matchAll(MEMBER)].flatMap(([, comment = '', member = '']) => {
    const name = MEMBER_NAME.exec(member)?.[1];
    if (name === undefined || /^(?:private|protected|#)/.test(member)) return [];
    const text = member
      .trim()
      .replace(/;$/, '')
      .replace(/^(?:readonly|abstract) /, '');
    const signature = text.replace(/^get ([\w$]+)\(\)/, '$1');
    return [{ name, base: undefined, signature, comment: commentText(comment), members: [] }];
  });
}

/** A docstring without its stars. */
function commentText(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.trim().replace(/^\* ?/, ''))
    .join('\n')
    .trim();
}
