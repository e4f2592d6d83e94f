import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY } from '../../tools/support/terminal';
import { runProgram } from '../support/program';
import { LANGUAGES } from './languages';
import { home, open, terminal, TIMEOUT } from './sessions';

/** A configuration folder of its own. */
const config = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
afterAll(() => rmSync(config, { recursive: true }));
const env = { XDG_CONFIG_HOME: config };

describe.each(LANGUAGES)('the start-up file in %s', (_, args) => {
  const folder = join(config, 'doapi-ts');
  const file = join(folder, 'repl.ts');
  beforeAll(() => void mkdirSync(folder, { recursive: true }));

  it(
    'runs at the start of a session, and what it declares is in scope; --no-startup leaves it out',
    async () => {
      writeFileSync(join(folder, 'names.cjs'), 'exports.first = "web-00-snapshot"');
      writeFileSync(
        file,
        [
          "import { DOApi } from 'doapi-ts';",
          'const mine = new DOApi({ perPage: 7 });',
          'const found = await byName(require(import_folder + "/names.cjs").first);',
          'async function byName(wanted) {',
          '  return mine.fetchAllPrivateImages().find(({ name }) => name === wanted);',
          '}',
          'console.log("ready");',
          '"not shown"',
        ]
          .join('\n')
          .replace('import_folder', JSON.stringify(folder)),
      );
      await open([...args, '--sandbox'], { env });
      expect(terminal.text).toMatch(/\.exit leaves\.\nready\nsandbox> ?$/);
      expect(await terminal.line('[mine.perPage, found.name, typeof byName]')).toBe(
        "[ 7, 'web-00-snapshot', 'function' ]",
      );
      expect(await terminal.line('.save kept.txt')).toBe('Saved 1 line to kept.txt.');
      terminal.close();
      await open([...args, '--sandbox', '--no-startup'], { env });
      expect(terminal.text).not.toContain('ready');
    },
    TIMEOUT,
  );

  it(
    'may fail: the session says which file it was, and starts; Ctrl-C ends one that hangs',
    async () => {
      writeFileSync(file, 'throw new Error("broken")');
      // The path of the file may be long.
      await open([...args, '--sandbox'], { env, columns: 300 });
      expect(terminal.text).toMatch(
        /^Error: broken\nThat was [^]*repl\.ts; --no-startup\s+leaves it out\.\nsandbox> ?$/m,
      );
      expect(await terminal.line('1 + 1')).toBe('2');
      terminal.close();
      writeFileSync(file, 'await null; console.log("hangs"); await new Promise(() => undefined)');
      const opened = open([...args, '--sandbox'], { env });
      await terminal.until(/^hangs$/m);
      terminal.keys(KEY.ctrlC);
      await opened;
      expect(await terminal.line('1 + 1')).toBe('2');
    },
    TIMEOUT,
  );

  it(
    'does not run for a script',
    async () => {
      writeFileSync(file, 'console.log("ran")');
      const options = {
        args: [...args, '--sandbox', '-e', '1'],
        env: { ...env, HOME: home, XDG_STATE_HOME: home },
      };
      expect(await runProgram('lib/cli.ts', options)).toEqual({ output: '1\n', errors: '', code: 0 });
    },
    TIMEOUT,
  );
});

describe.each(LANGUAGES)('lines of a newcomer in %s', (_, args) => {
  it(
    'may be the first example of the README, pasted after lines that use the same names, and pasted again',
    async () => {
      const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
      const [, example = ''] = /```ts\n([^]*?)```/.exec(readme) ?? [];
      await open([...args, '--sandbox']);
      expect(await terminal.line('await api.fetchAllRegions().total()')).toMatch(/^\d+$/);
      expect(await terminal.line('new DOApi({ perPage: 7 }).perPage')).toBe('7');
      terminal.keys(example.replaceAll('\n', KEY.enter));
      await terminal.until(/^\[ 'nyc1', 'fra1' \]\nsandbox> ?$/m);
      terminal.keys(example.replace('fra1', 'ams3').replaceAll('\n', KEY.enter));
      await terminal.until(/^\[ 'nyc1', 'fra1', 'ams3' \]\nsandbox> ?$/m);
      expect(terminal.text).not.toMatch(/^\w+Error:|^TypeScript:/m);
      expect(await terminal.line("sandbox.requests.filter(({ method }) => method === 'POST').length")).toBe(
        '2',
      );
      if (args.length === 0) expect(await terminal.line('.type [api, copied]')).toBe('(DOApi | Image)[]');
    },
    TIMEOUT,
  );

  it(
    'may have else and catch on lines of their own, and comments of several lines',
    async () => {
      await open([...args, '--sandbox']);
      const code = [
        '/* a comment',
        '   of two lines */',
        'if (false) {',
        '}',
        'else {',
        '  console.log("otherwise")',
        '}',
        'try {',
        '  throw 5',
        '}',
        'catch (error) {',
        '  console.log("caught", error) /* another',
        '  comment */',
        '}',
      ];
      terminal.keys(code.map((line) => line + KEY.enter).join(''));
      await terminal.until(/^otherwise$/m);
      await terminal.until(/^caught 5$/m);
      expect(terminal.text).not.toMatch(/SyntaxError|TS\d+/);
    },
    TIMEOUT,
  );

  it(
    'may have comments and templates of several lines, which stay as they are',
    async () => {
      await open([...args, '--sandbox']);
      const code =
        '/*\nif (a) {\n} // b\nelse {\n}\n*/\nconst setup = `#!/bin/sh\ncd /srv\n  ./install // c`\nsetup\n';
      terminal.keys(code.replaceAll('\n', KEY.enter));
      await terminal.until(/^'#!\/bin\/sh\\ncd \/srv\\n {2}\.\/install \/\/ c'\nsandbox> ?$/m);
      // The end of a template that is typed.
      await terminal.line('const typed = `a', /^(?:\.\.\.|\|) /);
      terminal.keys('b\n  .c`\n'.replaceAll('\n', KEY.enter));
      await terminal.until(/ \.c`\nsandbox> ?$/);
      expect(await terminal.line('typed')).toBe("'a\\nb\\n  .c'");
      expect(terminal.text).not.toMatch(/SyntaxError|TS\d+/);
    },
    TIMEOUT,
  );

  it(
    'that are no commands and no names get the one that is meant',
    async () => {
      await open([...args, '--sandbox']);
      expect(await terminal.line('.imags')).toMatch(
        /^TypeError: There is no command \.imags; did you mean \.images\?/,
      );
      expect(await terminal.line('help')).toMatch(
        /^TypeError: There is no help in scope; the command is \.help/,
      );
      expect(await terminal.line('exit')).toMatch(/the command is \.exit/);
      expect(await terminal.line('.wait abc')).toMatch(
        /^TypeError: Usage: \.wait \[id\]; abc is no id of an action/,
      );
      expect(await terminal.line('.images privat')).toMatch(
        /^None of the images has privat in its name or tags\. Did you mean \.images private\?/,
      );
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      expect(await terminal.line("await image.transfer('nyc9')")).toMatch(
        /There is no region nyc9\. The regions are ams2, ams3, blr1, [^]*tor1\.$/,
      );
      expect(await terminal.line('const images = 5; images')).toBe('5');
      expect(await terminal.line('images')).toBe('5');
    },
    TIMEOUT,
  );

  it(
    'complete no internal names, and regions where one belongs',
    async () => {
      await open([...args, '--sandbox']);
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      terminal.keys(`image.sta${KEY.tab}`);
      await terminal.until(/> image\.status$/m);
      terminal.keys(`${KEY.ctrlC}image.transfer('syd${KEY.tab}`);
      await terminal.until(/> image\.transfer\('syd1'$/m);
    },
    TIMEOUT,
  );

  it(
    'call nothing when Tab is typed after a call',
    async () => {
      await open([...args, '--sandbox']);
      await terminal.line('const image = await api.fetchAllPrivateImages().first()');
      terminal.keys(`image.delete().${KEY.tab}`);
      await terminal.until(/> image\.delete\(\)\.$/m);
      terminal.keys(KEY.ctrlC);
      await terminal.until(/> image\.delete\(\)\.\s+sandbox> ?$/);
      expect(await terminal.line('sandbox.requests.map(({ method }) => method)')).toBe("[ 'GET' ]");
    },
    TIMEOUT,
  );
});

describe('.doc and .load', () => {
  it.each(LANGUAGES)(
    'print documentation in %s, and run a file with imports as a whole',
    async (_, args) => {
      await open([...args, '--sandbox'], { cwd: join(__dirname, '../..') });
      await terminal.line('.load examples/copy-to-region.ts');
      if (args.length === 0) expect(await terminal.line('typeof copyToRegion')).toBe("'function'");
      await terminal.line('const picture = await api.fetchAllPrivateImages().first()');
      expect(await terminal.line('.doc picture.transfer')).toMatch(
        /^Image\.transfer\(region: RegionLike, options\?: ActOptions\): Promise<Action>\nStarts a copy of the image[^]*\n@param region a slug or a Region\n/,
      );
      expect(await terminal.line('.doc api.fetchAllImages().first')).toMatch(/^Listing\.first\(/);
      expect(await terminal.line('.doc nothing.at')).toMatch(/^Nothing is known of nothing\.at/);
    },
    TIMEOUT,
  );

  it(
    'names what does not exist in .type',
    async () => {
      await open(['--sandbox']);
      expect(await terminal.line('.type nosuch')).toMatch(
        /^TypeScript: Cannot find name 'nosuch'\. \(TS2304\)/,
      );
      expect(await terminal.line('.type api.perPage')).toBe('number');
    },
    TIMEOUT,
  );
});
