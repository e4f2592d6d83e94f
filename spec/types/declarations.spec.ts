import { beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { allRegions } from '../../lib/sandbox/state/catalogue';
import { Declarations } from '../support/declarations';
import { visit } from '../support/modules';

let declarations: Declarations;
beforeAll(() => {
  declarations = new Declarations();
}, 120_000);

const isAny = (node: ts.Node): node is ts.KeywordTypeNode => node.kind === ts.SyntaxKind.AnyKeyword;

/** The literals of `'a' | 'b' | (string & {})`, and whether it admits other texts. */
function textsOf({ types }: ts.UnionTypeNode): { literals: string[]; isOpen: boolean; isPlain: boolean } {
  const literals = types.flatMap((type) =>
    ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : [],
  );
  return {
    literals,
    isOpen: types.some((type) => type.getText() === '(string & {})'),
    isPlain: types.some(({ kind }) => kind === ts.SyntaxKind.StringKeyword),
  };
}

/** The types of the package that a declaration names and that no entry exports. */
function internalTypes(symbol: ts.Symbol, exported: ReadonlySet<ts.Symbol>): string[] {
  const found: string[] = [];
  const seen = new Set<ts.Node>();
  const read = (declaration: ts.Node): void => {
    if (seen.has(declaration) || !declarations.has(declaration)) return;
    seen.add(declaration);
    visit(declaration, (node) => {
      const name = nameIn(node);
      const named = name && declarations.checker.getSymbolAtLocation(name);
      if (!name || !named) return;
      const target = declarations.target(named);
      const places = (target.declarations ?? []).filter((place) => declarations.has(place));
      if (
        exported.has(target) ||
        places.every((place) => ts.isTypeParameterDeclaration(place) || seen.has(place))
      )
        return;
      // An editor shows what an entry of a table is, not the table.
      if (ts.isIndexedAccessTypeNode(node.parent) || ts.isIndexedAccessTypeNode(node.parent.parent)) return;
      // A class that is not exported has members of those that extend it: what these name is public.
      if (ts.isHeritageClause(node.parent) && ts.isClassLike(node.parent.parent)) places.forEach(read);
      else found.push(`${symbol.name} names ${target.name}`);
    });
  };
  (symbol.declarations ?? []).forEach(read);
  return found;
}

/** The name of the type that a node refers to. */
function nameIn(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  if (ts.isTypeQueryNode(node)) return node.exprName;
  return ts.isImportTypeNode(node) ? node.qualifier : undefined;
}

/** The properties of a type and of the types that are written out in it; not those of parameters. */
function propertiesIn(type: ts.Node): ts.Node[] {
  const isHidden =
    ts.isFunctionLike(type) ||
    ts.isConditionalTypeNode(type) ||
    (ts.isPropertyDeclaration(type) &&
      (ts.isPrivateIdentifier(type.name) ||
        ts.getCombinedModifierFlags(type) & ts.ModifierFlags.NonPublicAccessibilityModifier));
  if (isHidden) return [];
  const found: ts.Node[] = ts.isPropertySignature(type) || ts.isPropertyDeclaration(type) ? [type] : [];
  ts.forEachChild(type, (child) => void found.push(...propertiesIn(child)));
  return found;
}

/** Whether a comment before a declaration has text of its own: a tag alone says nothing. */
const isDescribed = (declaration: ts.Node): boolean =>
  ts
    .getJSDocCommentsAndTags(declaration)
    .some((one) => ts.isJSDoc(one) && (ts.getTextOfJSDocComment(one.comment) ?? '').trim() !== '');

describe('the public declarations', () => {
  it('are those of the library and of both of its parts', () => {
    expect(declarations.sources.length).toBeGreaterThan(60);
    expect(declarations.exported.size).toBeGreaterThan(120);
  });

  it('compile, without the types of Node', () => {
    const errors = ts.getPreEmitDiagnostics(declarations.program);
    expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  });

  it('have no `any`', () => {
    expect(declarations.find(isAny).map((node) => declarations.placeOf(node.parent))).toEqual([]);
  });

  it('name no type of the package that a user cannot import', () => {
    const { exported } = declarations;
    expect([...exported].flatMap((symbol) => internalTypes(symbol, exported))).toEqual([]);
  });
});

describe('a union of texts', () => {
  const unions = (): ts.UnionTypeNode[] =>
    declarations.find(ts.isUnionTypeNode).filter((node) => textsOf(node).literals.length > 0);

  it('is closed, or open in the form that editors complete: `string` alone would take in the texts', () => {
    expect(unions().length).toBeGreaterThan(10);
    expect(
      unions()
        .filter((node) => textsOf(node).isPlain)
        .map((node) => declarations.placeOf(node)),
    ).toEqual([]);
  });

  it('completes in an editor and admits other texts, where DigitalOcean may add some', () => {
    const open = unions().filter((node) => textsOf(node).isOpen);
    const named = open.flatMap((node) => (ts.isTypeAliasDeclaration(node.parent) ? [node.parent] : []));
    const names = named.map(({ name }) => name.text);
    expect(names).toEqual(
      expect.arrayContaining([
        'ActionStatus',
        'DropletStatus',
        'ImageStatus',
        'ImageType',
        'RegionSlug',
        'SnapshotResourceType',
      ]),
    );
    for (const { name, type } of named) {
      const { literals } = textsOf(type as ts.UnionTypeNode);
      const code = `import type { ${name.text} } from 'doapi-ts'; const value: ${name.text} = '|';`;
      expect(declarations.completions(code)).toEqual(expect.arrayContaining(literals));
    }
  });
});

describe('inside a call, an editor completes', () => {
  const SCOPE = `import { DOApi, Image } from 'doapi-ts'; declare const api: DOApi; declare const image: Image;`;

  it.each([
    ["image.transfer('|')", ['nyc3', 'fra1']],
    ["image.replicate(['|'])", ['nyc3', 'fra1']],
    ["image.transfer('nyc3', { | })", ['wait', 'signal', 'timeout']],
    ['image.waitForAction({ | })', ['interval', 'onProgress', 'signal', 'throwOnError', 'timeout']],
    ["api.findImages({ status: '|' })", ['available', 'pending']],
    ["api.planPrune({ keep: 1, groupBy: '|' })", ['droplet', 'name', 'prefix']],
    ["api.request('/v2/images', { method: '|' })", ['GET', 'POST']],
  ])('%s', (code, expected) => {
    expect(declarations.completions(`${SCOPE} ${code};`)).toEqual(expect.arrayContaining(expected));
  });

  it('regions: those of the sandbox', () => {
    const regions = allRegions().map(({ slug }) => slug);
    const offered = declarations.completions(`${SCOPE} image.transfer('|');`);
    expect([...offered].sort()).toEqual([...regions].sort());
  });
});

describe('what an editor shows of a method', () => {
  it('is one signature; where there are several, each has a comment', () => {
    const { checker, exported } = declarations;
    const members = [...exported].flatMap((symbol) => {
      const properties = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
      return properties.map((member) => ({ name: `${symbol.name}.${member.name}`, member }));
    });
    const methods = members.flatMap(({ name, member }) => {
      const signatures = checker.getTypeOfSymbol(member).getCallSignatures();
      const own = signatures.filter(({ declaration }) => declaration && declarations.has(declaration));
      return own.length === 0 ? [] : [{ name, own }];
    });
    expect(methods.length).toBeGreaterThan(150);
    const overloaded = methods.filter(({ own }) => own.length > 1);
    expect(overloaded.map(({ name }) => name)).toEqual(['Listing.filter']);
    for (const signature of overloaded.flatMap(({ own }) => own))
      expect(ts.displayPartsToString(signature.getDocumentationComment(checker))).not.toBe('');
  });
});

describe('what an editor shows of a property', () => {
  it('is a description, but for the fields of the API itself, which its reference describes', () => {
    const { exported } = declarations;
    const types = [...exported].flatMap((symbol) => symbol.declarations ?? []);
    const described = types.filter(
      (type) => declarations.has(type) && !/sandbox.state\b/.test(declarations.placeOf(type)),
    );
    const properties = new Set(described.flatMap(propertiesIn));
    expect(properties.size).toBeGreaterThan(300);
    const bare = [...properties].filter((property) => !isDescribed(property));
    expect(bare.map((property) => declarations.placeOf(property))).toEqual([]);
  });
});
