import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pictureOf } from './docs-screenshots/svg';
import { KEY, Terminal } from './support/terminal';

/** A picture of a session. */
interface Screenshot {
  name: string;
  title: string;
  args?: readonly string[];
  columns?: number;
  rows: number;
  /** What is typed before the picture is taken. */
  act: (terminal: Terminal) => Promise<unknown>;
}

const ROOT = join(__dirname, '..');
const first = 'const image = await api.fetchAllPrivateImages().first()';

const SCREENSHOTS: readonly Screenshot[] = [
  {
    name: 'start',
    title: 'npx doapi-ts',
    rows: 23,
    act: async (terminal) => {
      await terminal.line("await api.fetchImage('ubuntu-24-04-x64')");
      terminal.keys('await api.fetchAllPriv');
      terminal.keys(KEY.tab);
      await terminal.until(/fetchAllPrivateImages/);
    },
  },
  {
    name: 'table',
    title: 'a listing shows its first page',
    rows: 20,
    /** What is typed before the picture is taken. */
    act: (terminal) => terminal.line('api.fetchAllPrivateImages()'),
  },
  {
    name: 'waits',
    title: 'waits, several at once',
    args: ['--speed', '20'],
    rows: 26,
    act: async (terminal) => {
      await terminal.line(first);
      await terminal.line("await image.transfer('fra1', { wait: true })");
      terminal.keys(`await image.replicate(['nyc1', 'sgp1', 'lon1', 'tor1'])${KEY.enter}`);
      await terminal.until(/transfer to sgp1 .*poll [5-9]/);
    },
  },
  {
    name: 'ended',
    title: 'Ctrl-C ends the wait, not the session',
    args: ['--speed', '20'],
    rows: 16,
    act: async (terminal) => {
      await terminal.line(first);
      terminal.keys(`await image.transfer('sgp1', { wait: true })${KEY.enter}`);
      await terminal.until(/transfer to sgp1 .*poll [3-9]/);
      terminal.keys(KEY.ctrlC);
      await terminal.until(/Ended by Ctrl-C/);
      await terminal.line("await image.transfer('nyc1')");
      await terminal.line('image.nmae');
    },
  },
  {
    name: 'doc',
    title: '.doc: signature and documentation',
    rows: 15,
    act: (terminal) => terminal.line('.doc image.replicate'),
  },
  {
    name: 'wire',
    title: '.wire on: each request in a line',
    rows: 12,
    act: async (terminal) => {
      await terminal.line('.faults reset-before-execution 1');
      await terminal.line('.wire on');
      await terminal.line(first);
      await terminal.line("void (await image.transfer('fra1'))");
      await terminal.line('(await image.fetch()).regions');
    },
  },
  {
    name: 'watch',
    title: '.watch: what is in progress',
    args: ['--speed', '10'],
    rows: 16,
    act: async (terminal) => {
      await terminal.line(first);
      await terminal.line("void image.transfer('fra1')");
      await terminal.line(
        "setTimeout(() => ['sgp1', 'lon1', 'tor1'].map((each) => image.transfer(each)), 3_500), 0",
      );
      terminal.keys(`.watch${KEY.enter}`);
      await terminal.until(/✔ transfer of web-00-snapshot \(fra1\)[^]*tor1 +\d/);
    },
  },
  {
    name: 'narrow',
    title: 'forty columns',
    columns: 40,
    rows: 20,
    act: async (terminal) => {
      await terminal.line('.images web');
      await terminal.line('.limit');
    },
  },
];

/** `npm run docs:screenshots`: runs the REPL on the sandbox and draws its screen: `docs/img/repl-*.svg`. */
async function main(): Promise<void> {
  const folder = join(ROOT, 'docs', 'img');
  mkdirSync(folder, { recursive: true });
  const home = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
  const env = { PATH: process.env.PATH ?? '', HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home };
  for (const { name, title, args = [], columns = 80, rows, act } of SCREENSHOTS) {
    const program = [require.resolve('ts-node/dist/bin'), '-T', join(ROOT, 'lib/cli.ts'), ...args];
    const terminal = new Terminal(process.execPath, program, { columns, rows, env });
    await terminal.until(/^sandbox>/m);
    await act(terminal);
    writeFileSync(join(folder, `repl-${name}.svg`), pictureOf(terminal.buffer, { columns, rows, title }));
    terminal.close();
    console.log(`docs/img/repl-${name}.svg`);
  }
  rmSync(home, { recursive: true });
}

void main();
