import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { changesNothing, type Engine } from '../../../lib/repl/code/engine';
import { checkTypeScriptVersion } from '../../../lib/repl/code/typescript';

describe('the version of TypeScript', () => {
  it.each([['5.0.4'], ['5.9.3'], ['6.0.3']])('may be %s', (version) => {
    expect(() => checkTypeScriptVersion(version)).not.toThrow();
  });

  it.each([['7.0.0'], ['7.0.2-beta'], ['10.1.0']])('may not be %s', (version) => {
    expect(() => checkTypeScriptVersion(version)).toThrow(`ts-node does not support TypeScript ${version}`);
  });
});

describe('the engine of a session', () => {
  afterEach(() => void jest.resetModules());

  const start = async (js: boolean): Promise<{ engine: Engine; notices: string[] }> => {
    const { startEngine } = await import('../../../lib/repl/code/start-engine');
    const notices: string[] = [];
    return { engine: await startEngine({ js }, '', (text) => notices.push(text)), notices };
  };

  it('is JavaScript with --js, without a notice', async () => {
    const { engine, notices } = await start(true);
    expect(engine.run).toBeNull();
    expect(notices).toEqual([]);
  });

  it.each([
    ['typescript 7', { version: '7.0.2' }, 'ts-node does not support TypeScript 7.0.2'],
    [
      'no typescript',
      () => {
        throw new Error("Cannot find module 'typescript/package.json'\nRequire stack:");
      },
      'typescript is not installed',
    ],
    [
      'a broken typescript',
      () => {
        throw new Error('Unexpected end of input\nat');
      },
      'ts-node cannot start (Unexpected end of input)',
    ],
  ])('is JavaScript with %s, and says so in one sentence', async (_, found, reason) => {
    jest.doMock('typescript/package.json', () => (typeof found === 'function' ? found() : found));
    const { engine, notices } = await start(false);
    expect(engine.run).toBeNull();
    expect(notices).toEqual([`JavaScript, since ${reason}: npm install ts-node typescript@6 brings types.`]);
  });
});

describe('code that completion evaluates', () => {
  it.each(['image', 'image.regions', 'all[0].name', 'all["a"]', 'this?.image'])('may be %s', (code) => {
    expect(changesNothing(`try { ${code} } catch {}`)).toBe(true);
  });

  it.each(['image.delete()', 'image.delete``', '`${image.delete()}`', 'all[i++]', 'all[--i]', 'all[i = 1]'])(
    'may not be %s',
    (code) => {
      expect(changesNothing(`try { ${code} } catch {}`)).toBe(false);
    },
  );
});
