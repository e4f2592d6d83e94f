import type { LanguageService, LanguageServiceHost, SourceFile, TransformerFactory } from 'typescript';

type TypeScript = typeof import('typescript');

const FILE = 'lines.ts';

/**
 * The lines so far, without the names that the next line declares: what a line has declared gets another name, and what the
 * session has declared is a property of `globalThis`. The types of all other names stay.
 */
export function withoutNamesOf(ts: TypeScript, next: string, lines: string): string {
  let result = lines;
  for (const name of namesOf(ts, next).keys())
    if (result.includes(name)) result = withoutName(ts, name, result);
  return result;
}

/** A line without the names that an earlier line imports, too. */
export function withoutKnownImports(ts: TypeScript, next: string, lines: string): string {
  const imports = importsOf(ts, next);
  if (imports.length === 0) return next;
  const known = new Set(importsOf(ts, lines).map(({ text }) => text));
  return imports
    .filter(({ text }) => known.has(text))
    .reduceRight((code, { start, end }) => code.slice(0, start) + code.slice(end), next);
}

/** The names that the imports of code declare, but for those of `import type`. */
export function importedNames(ts: TypeScript, code: string): string[] {
  const imports = importsOf(ts, code).filter(({ text }) => !/^import\s+type\b/.test(text));
  return imports.flatMap(({ text }) => [...namesOf(ts, text).keys()]);
}

/** What code imports: each name in braces as a declaration of its own, and other declarations as they are. */
function importsOf(ts: TypeScript, code: string): { start: number; end: number; text: string }[] {
  const file = ts.createSourceFile(FILE, code, ts.ScriptTarget.ES2022);
  return file.statements.filter(ts.isImportDeclaration).flatMap((statement) => {
    const { importClause } = statement;
    const bindings = importClause?.namedBindings;
    const text = statement.getText(file).replace(/;$/, '');
    if (importClause?.name || !bindings || !ts.isNamedImports(bindings))
      return [{ start: statement.getStart(file), end: statement.end, text }];
    const { elements } = bindings;
    return elements.map((element, index) => ({
      start: element.getStart(file),
      // With the comma.
      end: elements[index + 1]?.getStart(file) ?? element.end,
      text: text.replace(/\{[^}]*\}/, () => `{ ${element.getText(file)} }`),
    }));
  });
}

/** Makes `var` of the declarations at the top level of a file: a line may declare what an earlier one has declared. */
export function repeatable(ts: TypeScript): TransformerFactory<SourceFile> {
  return ({ factory }) =>
    (file) => {
      const statements = file.statements.map((statement) => {
        if (ts.isVariableStatement(statement)) {
          const { modifiers, declarationList } = statement;
          const list = factory.createVariableDeclarationList(declarationList.declarations);
          return factory.updateVariableStatement(statement, modifiers, list);
        }
        if (!ts.isClassDeclaration(statement) || !statement.name) return statement;
        const { name, heritageClauses, members } = statement;
        const value = factory.createClassExpression(undefined, name, undefined, heritageClauses, members);
        const declaration = factory.createVariableDeclaration(name, undefined, undefined, value);
        return factory.createVariableStatement(undefined, [declaration]);
      });
      return factory.updateSourceFile(file, statements);
    };
}

function withoutName(ts: TypeScript, name: string, lines: string): string {
  const own = namesOf(ts, lines).get(name);
  // A declaration of the name finds what refers to that of the session.
  const code = own === undefined ? `${lines}\nclass ${name} {}` : lines;
  const newName = own === undefined ? `globalThis.${name}` : unusedName(name, lines);
  const places = serviceOf(ts, code).findRenameLocations(FILE, own ?? code.lastIndexOf(name), false, false, {
    providePrefixAndSuffixTextForRename: true,
  });
  return (places ?? [])
    .filter(({ textSpan }) => textSpan.start < lines.length)
    .sort((one, other) => other.textSpan.start - one.textSpan.start)
    .reduce((text, { textSpan: { start, length }, prefixText = '', suffixText = '' }) => {
      // For `f({ api })` the service may take the property to be what is renamed.
      const replaced = suffixText.startsWith(':') ? `${name}: ${newName}` : prefixText + newName + suffixText;
      return text.slice(0, start) + replaced + text.slice(start + length);
    }, lines);
}

function unusedName(name: string, lines: string): string {
  let count = 1;
  while (lines.includes(`${name}_${count}`)) count++;
  return `${name}_${count}`;
}

/** The names that code declares at its top level, with where the first declaration has them. */
function namesOf(ts: TypeScript, code: string): Map<string, number> {
  const program = serviceOf(ts, code).getProgram();
  const file = program?.getSourceFile(FILE);
  if (!program || !file) return new Map();
  const { Value, Type, Namespace, Alias } = ts.SymbolFlags;
  const symbols = program.getTypeChecker().getSymbolsInScope(file, Value | Type | Namespace | Alias);
  return new Map(
    symbols.flatMap(({ name, declarations: [declaration] = [] }) => {
      const written = declaration && ts.getNameOfDeclaration(declaration);
      return written ? [[name, written.getStart(file)]] : [];
    }),
  );
}

/** Knows one file, and no types of others. */
function serviceOf(ts: TypeScript, code: string): LanguageService {
  const has = (path: string): boolean => path === FILE;
  const host: LanguageServiceHost = {
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => (has(path) ? ts.ScriptSnapshot.fromString(code) : undefined),
    getCurrentDirectory: () => '',
    getCompilationSettings: () => ({
      target: ts.ScriptTarget.ES2022,
      noLib: true,
      noResolve: true,
      types: [],
    }),
    getDefaultLibFileName: () => '',
    fileExists: has,
    readFile: (path) => (has(path) ? code : undefined),
  };
  return ts.createLanguageService(host);
}
