import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { Declarations, declarationsIn } from '../../../lib/repl/commands/declarations';
import { declaredFor, paragraphs } from '../../../lib/repl/commands/doc-command';
import { ROOT } from '../../support/modules';

const shipped = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
afterAll(() => rmSync(shipped, { recursive: true }));
/** As the build writes them. */
for (const name of [
  'index',
  'image',
  'actionable',
  'taggable',
  'doapi',
  'pagination/listing',
  'sandbox/sandbox',
]) {
  const text = readFileSync(join(ROOT, 'lib', `${name}.ts`), 'utf8');
  const compilerOptions = { stripInternal: true, experimentalDecorators: true };
  mkdirSync(dirname(join(shipped, name)), { recursive: true });
  writeFileSync(
    join(shipped, `${name}.d.ts`),
    ts.transpileDeclaration(text, { fileName: `${name}.ts`, compilerOptions }).outputText,
  );
}

describe.each([
  ['that are shipped', new Declarations(shipped)],
  ['of a checkout', new Declarations()],
])('the declarations %s', (_, declarations) => {
  it('have the signature and the whole docstring of a method', () => {
    const { signature, comment } = declarations.find('Image', 'transfer') ?? { signature: '', comment: '' };
    expect(signature).toBe('Image.transfer(region: RegionLike, options?: ActOptions): Promise<Action>');
    expect(comment).toMatch(
      /^Starts a copy of the image[^]*\n@param region a slug or a Region\n[^]*@throws Unproc/,
    );
  });

  it('have what a class inherits, as its own', () => {
    expect(declarations.find('Image', 'act')?.signature).toMatch(/^Image\.act\(body: ActionBody/);
    expect(declarations.find('Image', 'tag')?.comment).toMatch(/tag/);
  });

  it('have fields, getters, classes, interfaces and types', () => {
    expect(declarations.find('Image', 'regions')).toEqual({
      signature: 'Image.regions: readonly string[]',
      comment: 'Slugs of the regions that have the image, each once.',
    });
    expect(declarations.find('Image', 'url')?.signature).toBe('Image.url: string');
    expect(declarations.find('DOApi')?.signature).toMatch(/^class DOApi extends \w+$/);
    expect(declarations.find('ActOptions')).toMatchObject({
      signature: 'interface ActOptions extends CallOptions',
      comment: 'Options of methods that start an action.',
    });
    expect(declarations.find('Sandbox', 'advance')?.signature).toBe(
      'Sandbox.advance(ms: number): Promise<void>',
    );
  });

  it('have nothing of what is private or not there', () => {
    for (const name of ['start', 'requester', 'reader', 'nope', 'name2', 'constructor'])
      expect(declarations.find('Image', name)).toBeNull();
    expect(declarations.find('Nothing')).toBeNull();
  });
});

describe('a text of declarations', () => {
  it('is read with overloads, generics and bodies of several lines', () => {
    const text = [
      'export declare class Thing<T extends object = {}> extends Base<T> {',
      '    #private;',
      '    /** One. */',
      '    get(id: number): T;',
      '    get(id: string, options?: {',
      '        deep: boolean;',
      '    }): T;',
      '    /**',
      '     * Two',
      '     * lines.',
      '     */',
      '    protected hidden(): void;',
      '    static make<U>(one: U): Thing<{}>;',
      '}',
      '/** A function. */',
      'export declare function make(): void;',
    ].join('\n');
    const [thing, make] = declarationsIn(text);
    expect(thing).toMatchObject({ name: 'Thing', base: 'Base' });
    expect(thing?.members.map(({ signature, comment }) => [signature, comment])).toEqual([
      ['get(id: number): T', 'One.'],
      ['get(id: string, options?: {\n        deep: boolean;\n    }): T', ''],
      ['static make<U>(one: U): Thing<{}>', ''],
    ]);
    expect(make).toMatchObject({ signature: 'function make(): void;', comment: 'A function.' });
  });
});

describe('the documentation of an expression', () => {
  const declarations = new Declarations();
  const variables: Record<string, string> = { picture: 'Image', api: 'DOApi', other: 'Map' };
  const signatureOf = (expression: string): string | undefined =>
    declaredFor(expression, declarations, (name) => variables[name] ?? null)?.signature;

  it.each([
    ['picture.transfer', /^Image\.transfer\(/],
    ['picture', /^class Image /],
    ['Image.transfer', /^Image\.transfer\(/],
    ['image.transfer', /^Image\.transfer\(/],
    ['image.', /^class Image /],
    ['droplet.takeSnapshot', /^Droplet\.takeSnapshot\(/],
    ['api.fetchAllImages().first', /^Listing\.first\(/],
    ["(await api.fetchImage('a (b)')).transfer", /^Image\.transfer\(/],
    ['await api.fetchImage(5)', /^DOApi\.fetchImage\(/],
    ['picture.createDroplet({ name: f(1) }).fetch', /^Droplet\.fetch\(/],
    ['TransferOptions.wait', undefined],
    ['other.get', undefined],
    ['picture.nope.more', undefined],
    ['1 + 1', undefined],
    ['', undefined],
    ['((((', undefined],
  ])('%s is %s', (expression, expected) => {
    const signature = signatureOf(expression);
    if (expected) expect(signature).toMatch(expected);
    else expect(signature).toBeUndefined();
  });
});

describe('a docstring', () => {
  it('has its paragraphs in one line each, and lists and examples as they are', () => {
    const comment = 'One\ntwo {@link Image}.\n\n- a\n  b\n- c\n@param x d\n  e\n\n```ts\nf(\n  1)\n```\nEnd.';
    expect(paragraphs(comment)).toEqual([
      'One two Image.',
      '',
      '- a b',
      '- c',
      '@param x d e',
      '',
      '  f(',
      '    1)',
      'End.',
    ]);
    expect(paragraphs('')).toEqual([]);
  });
});
