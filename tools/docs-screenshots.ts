import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Sandbox } from '../lib/sandbox';
import { pictureOf } from './docs-screenshots/svg';
import { KEY, Terminal } from './support/terminal';

/** A picture of a session. */
interface Screenshot {
  name: string;
  title: string;
  args?: readonly string[];
  columns?: number;
  rows: number;
  /** Configuration files of the user, by their paths in the configuration folder. */
  files?: Readonly<Record<string, string>>;
  /** What is typed before the picture is taken. */
  act: (terminal: Terminal) => Promise<unknown>;
}

/** Where the account of a picture is: it is part of the picture. */
const PORT = 8080;
const ROOT = join(__dirname, '..');
/** A sandbox that listens, in place of the accounts of doctl. */
const account = new Sandbox({ account: { email: 'sammy@example.com' } });
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
    name: 'context',
    title: '.context: another account of doctl',
    files: {
      'doctl/config.yaml': [
        `access-token: ${account.token}`,
        'context: default',
        'auth-contexts:',
        `  home: ${account.token}`,
        `  work: ${account.token}`,
        `api-url: http://127.0.0.1:${PORT}`,
      ].join('\n'),
    },
    rows: 18,
    act: async (terminal) => {
      await terminal.line('.context');
      await terminal.line('.context work');
      await terminal.line('.context');
    },
  },
  {
    name: 'startup',
    title: 'a start-up file',
    files: {
      'doapi-ts/repl.ts': [
        'const web = () => api.fetchAllPrivateImages().filter(({ name }) => name.startsWith("web-0"));',
        'console.log("web() lists the images of the web servers.");',
      ].join('\n'),
    },
    rows: 13,
    act: (terminal) => terminal.line('web()'),
  },
  {
    name: 'read-only',
    title: '--read-only: only GET and HEAD',
    args: ['--read-only'],
    rows: 13,
    act: async (terminal) => {
      await terminal.line(first);
      await terminal.line('await image.delete()');
      await terminal.line('.readonly off');
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

/**
 * `npm run docs:screenshots [name…]`: runs the REPL on the sandbox and draws its screen: `docs/img/repl-*.svg`, all of them or
 * those that are named.
 */
async function main(names: readonly string[]): Promise<void> {
  mkdirSync(join(ROOT, 'docs', 'img'), { recursive: true });
  const listening = await account.listen({ port: PORT });
  for (const screenshot of SCREENSHOTS) {
    const { name } = screenshot;
    if (names.length > 0 && !names.includes(name)) continue;
    const path = join('docs', 'img', `repl-${name}.svg`);
    writeFileSync(join(ROOT, path), await draw(screenshot));
    console.log(path);
  }
  await listening.close();
}

async function draw({ title, args = [], columns = 80, rows, files = {}, act }: Screenshot): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  const env = { PATH: process.env.PATH ?? '', HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home };
  const program = [require.resolve('ts-node/dist/bin'), '-T', join(ROOT, 'lib/cli.ts'), ...args];
  const terminal = new Terminal(process.execPath, program, { columns, rows, env });
  await terminal.until(/^(?:sandbox|digitalocean)(?: read-only)?>/m);
  await act(terminal);
  const picture = pictureOf(terminal.buffer, { columns, rows, title });
  terminal.close();
  rmSync(home, { recursive: true });
  return picture;
}

void main(process.argv.slice(2));
