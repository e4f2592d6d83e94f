import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as library from '../../../lib';
import { INTERNAL_NAMES, INTERNAL_STATICS, isInternal } from '../../../lib/repl/commands/internal-names';
import { ROOT, sourcesUnder } from '../../support/modules';

interface Members {
  base: string | undefined;
  internal: string[];
  statics: string[];
}

/** The classes of the library by name, with the members that are private, protected or internal. */
const classes = new Map<string, Members>(
  sourcesUnder('lib')
    .filter((path) => !path.startsWith('lib/repl/'))
    .flatMap((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
      return file.statements.filter(ts.isClassDeclaration).map((one): [string, Members] => {
        const clause = one.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
        const hidden = one.members.filter(isHidden);
        const isStatic = (member: ts.ClassElement): boolean =>
          (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;
        const namesOf = (members: ts.ClassElement[]): string[] =>
          members.map(({ name }) => name?.getText() ?? '');
        return [
          one.name?.text ?? '',
          {
            base: clause?.types[0]?.expression.getText(),
            internal: namesOf(hidden.filter((member) => !isStatic(member))),
            statics: namesOf(hidden.filter(isStatic)),
          },
        ];
      });
    }),
);

function isHidden(member: ts.ClassElement): boolean {
  if (!member.name || !ts.isIdentifier(member.name)) return false;
  const flags = ts.getCombinedModifierFlags(member);
  const isPrivate = (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
  return isPrivate || ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal');
}

function inherited(name: string, part: 'internal' | 'statics'): string[] {
  const found = classes.get(name);
  if (!found) return [];
  return [...new Set([...found[part], ...inherited(found.base ?? '', part)])].filter((one) => one !== 'name');
}

const nouns = [
  'DOApi',
  'Image',
  'Droplet',
  'Action',
  'Snapshot',
  'Region',
  'Listing',
  'ImageOffer',
  'PrunePlan',
];

describe('the internal names that completion leaves out', () => {
  it.each(nouns)('of %s are those that are not public', (noun) => {
    const type = library[noun as 'Image'];
    const listed = (all: typeof INTERNAL_NAMES): string[] =>
      all.flatMap(([of, names]) => (of() === (type as unknown) ? names : []));
    expect([...listed(INTERNAL_NAMES)].sort()).toEqual(inherited(noun, 'internal').sort());
    expect([...listed(INTERNAL_STATICS)].sort()).toEqual(inherited(noun, 'statics').sort());
  });

  it('are left out for the objects that have them, not for others', () => {
    const api = new library.DOApi('dop_v1_1');
    const values: Record<string, unknown> = {
      image: api.image(5),
      action: api.action(5),
      other: { start: 1 },
    };
    const isHiddenName = (completion: string): boolean =>
      isInternal(completion, (variable) => {
        if (!Object.hasOwn(values, variable)) throw new ReferenceError(variable);
        return values[variable];
      });
    expect(isHiddenName('image.start')).toBe(true);
    expect(isHiddenName('image?.start')).toBe(true);
    expect(isHiddenName('image.transfer')).toBe(false);
    expect(isHiddenName('action.fetchResource')).toBe(false);
    expect(isHiddenName('other.start')).toBe(false);
    expect(isHiddenName('missing.start')).toBe(false);
    expect(isHiddenName('start')).toBe(false);
  });
});
