import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { KEY } from '../../tools/support/terminal';
import { LANGUAGES } from './languages';
import { open, PROGRAM, terminal, TIMEOUT } from './sessions';

/** A Proxy of which nothing can be read: each trap throws. */
const HOSTILE =
  'const hostile = new Proxy({}, new Proxy({}, { get: () => () => { throw new Error("trap") } }))';

/** How the Node that runs the session shows it, which differs between versions. */
const SHOWN = execFileSync(
  PROGRAM[0] ?? '',
  ['-e', `${HOSTILE}; process.stdout.write(require('node:util').inspect(hostile))`],
  { encoding: 'utf8' },
);

/** An error of which nothing can be read: each getter throws. */
const UNREADABLE =
  'const unreadable = Object.defineProperties(new Error("x"), Object.fromEntries(["stack", "name", "message", "code"]' +
  '.map((name) => [name, { get() { throw new Error("getter") } }])))';

describe.each(LANGUAGES)('a session in %s', (_, args) => {
  it.each([
    ['a Proxy whose traps throw', HOSTILE, 'hostile', `Thrown: ${SHOWN}`],
    ['an error whose getters throw', UNREADABLE, 'unreadable', 'cannot be shown: reading it throws'],
    ['an object without a prototype', 'const bare = Object.create(null)', 'bare', 'Thrown: [Object: null'],
  ])(
    'goes on after a line that throws %s, and ends with Ctrl-D',
    async (_name, declaration, name, shown) => {
      await open([...args, '--sandbox'], { columns: 200 });
      await terminal.line(declaration);
      for (const line of [
        `throw ${name}`,
        `await Promise.reject(${name})`,
        `await new Promise(() => { throw ${name} })`,
        `void Promise.reject(${name})`,
      ]) {
        const before = terminal.lines.length;
        await terminal.line(line);
        await terminal.until(() => terminal.lines.slice(before).join('\n').includes(shown));
        expect(await terminal.line('20 + 22')).toContain('42');
      }
      await terminal.line(`[${name}]`);
      expect(await terminal.line('20 + 22')).toContain('42');
      terminal.keys(KEY.ctrlD);
      expect(await terminal.ended()).toBe(0);
    },
    TIMEOUT,
  );

  it(
    'goes on after process.stdout.end()',
    async () => {
      await open([...args, '--sandbox']);
      expect(await terminal.line("void process.stdout.end('\\u001b[2Jtext\\n')")).toContain('\\u001b[2Jtext');
      await terminal.line('void process.stdout.end()');
      expect(await terminal.line('20 + 22')).toContain('42');
      terminal.keys(KEY.ctrlD);
      expect(await terminal.ended()).toBe(0);
    },
    TIMEOUT,
  );
});
