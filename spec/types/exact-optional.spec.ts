import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

/** Types that the library returns or passes on, whose optional properties are absent or have a value. */
const RESULTS = new Set(['Replication', 'TransportRequest']);

const ENTRIES = ['lib/index.ts', 'lib/sandbox/index.ts'];

/** `Type.property` of each optional property that does not accept `undefined`, in all exported interfaces. */
function withoutUndefined(): { found: string[]; checked: number } {
  const program = ts.createProgram(ENTRIES, {
    ...ts.getDefaultCompilerOptions(),
    strict: true,
    exactOptionalPropertyTypes: true,
    experimentalDecorators: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const found: string[] = [];
  let checked = 0;
  for (const entry of ENTRIES) {
    const source = program.getSourceFile(entry);
    const symbol = source && checker.getSymbolAtLocation(source);
    for (const exported of symbol ? checker.getExportsOfModule(symbol) : []) {
      const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (!(target.flags & ts.SymbolFlags.Interface) || RESULTS.has(target.name)) continue;
      for (const property of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(target))) {
        if (!(property.flags & ts.SymbolFlags.Optional)) continue;
        checked += 1;
        if (!accepts(checker.getTypeOfSymbol(property))) found.push(`${target.name}.${property.name}`);
      }
    }
  }
  return { found, checked };
}

/** Whether a type includes `undefined`, or everything. */
function accepts(type: ts.Type): boolean {
  const any = ts.TypeFlags.Undefined | ts.TypeFlags.Unknown | ts.TypeFlags.Any;
  return (type.isUnion() ? type.types : [type]).some(({ flags }) => (flags & any) !== 0);
}

describe('an optional property of a public type', () => {
  it('accepts undefined, for consumers with exactOptionalPropertyTypes', () => {
    const { found, checked } = withoutUndefined();
    expect(found).toEqual([]);
    expect(checked).toBeGreaterThan(60);
  });
});
