import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { type Action, type DOApi, type Image, type Listing, NotFoundError } from '../..';
import type { Engine } from '../session/engine';
import type { Input } from '../session/input';
import type { Screen } from '../show/style';
import type { Scope } from '../session/scope';
import type { Session } from '../session/session';
import { definitions } from '../show/table';
import { bar, duration, printable, wrap } from '../show/text-layout';

/** A command that begins with a dot. */
export interface Command {
  name: string;
  /** What may stand behind it. */
  takes?: string;
  help: string;
  /** What it gives is shown as that of a line is. */
  run: (argument: string) => unknown;
}

/** What the commands work with. */
export interface Desk {
  session: Session;
  scope: Scope;
  engine: Engine;
  input: Input;
  screen: Screen;
  print: (text: string) => void;
  /** Lines that are not to be written anywhere. */
  isSecret: (line: string) => boolean;
}

/** Adds the commands; the names of Node's own that are not ours stay. */
export function addCommands(desk: Desk, commands: readonly Command[]): void {
  const { session, print, screen } = desk;
  const help: Command = {
    name: 'help',
    help: 'this list',
    run: () => print(listOf(commands, screen)),
  };
  for (const { name, help: text, run } of [help, ...commands]) {
    session.server.defineCommand(name, {
      help: text,
      action: (argument) => void session.run(() => run(argument.trim())),
    });
  }
}

function listOf(commands: readonly Command[], screen: Screen): string {
  const entries = commands.map(
    ({ name, takes = '', help }) => [`.${name} ${takes}`.trimEnd(), help] as const,
  );
  const keys = 'Tab completes. Ctrl-C ends what is under way; once more, and the session ends.';
  return `${definitions(entries, screen.columns, screen.paint)}\n${screen.paint('dim', wrap(keys, screen.columns))}\n`;
}

/** The commands of every session. */
export function commonCommands(desk: Desk): Command[] {
  const { session, scope, engine, input, screen, print } = desk;
  const { api } = scope;
  return [
    {
      name: 'images',
      takes: '[filter]',
      help: 'all, private, distribution, application, or what has this in its name',
      run: (filter) => images(api, filter),
    },
    { name: 'image', takes: '<id|slug|name>', help: 'one image', run: (which) => image(api, which) },
    { name: 'actions', help: 'what is going on, and what was done', run: () => api.fetchAllActions() },
    {
      name: 'wait',
      takes: '[id]',
      help: 'waits for one action, or for all that go on',
      run: (id) => wait(api, id),
    },
    { name: 'limit', help: 'how many requests are left', run: () => print(limit(scope, screen)) },
    {
      name: 'type',
      takes: '<expression>',
      help: 'its type',
      run: (expression) => print(typeLine(engine, expression)),
    },
    {
      name: 'types',
      help: 'what is in scope, and its types',
      run: () => print(types(scope, engine, screen)),
    },
    { name: 'stack', help: 'where the last error came from', run: () => print(stack(session.problem)) },
    {
      name: 'save',
      takes: '<file>',
      help: 'writes the lines of this session to a file',
      run: (file) => {
        const lines = session.transcript.filter((line) => !desk.isSecret(line));
        writeFileSync(needed(file, '.save <file>'), `${lines.join('\n')}\n`, { mode: 0o600 });
        // It may have been there, open to others.
        chmodSync(file, 0o600);
        print(`${lines.length} lines are in ${file}.\n`);
      },
    },
    {
      name: 'load',
      takes: '<file>',
      help: 'runs the lines of a file',
      run: (file) => input.insert(readFileSync(needed(file, '.load <file>'), 'utf8')),
    },
    { name: 'exit', help: 'leaves', run: () => session.server.close() },
  ];
}

function needed(argument: string, usage: string): string {
  if (argument === '') throw new TypeError(`It goes like this: ${usage}`);
  return argument;
}

async function images(api: DOApi, filter: string): Promise<Listing<Image> | Image[]> {
  if (filter === '' || filter === 'all') return api.fetchAllImages();
  if (filter === 'private') return api.fetchAllPrivateImages();
  if (filter === 'distribution' || filter === 'application') return api.fetchAllImages({ type: filter });
  const part = filter.toLowerCase();
  const all = await api.fetchAllImages().toArray();
  return all.filter(({ name, slug, distribution, tags }) =>
    [name, slug, distribution, ...tags].some((text) => text?.toLowerCase().includes(part)),
  );
}

/** An id, a slug, or else the name of one of the account's own. */
async function image(api: DOApi, which: string): Promise<Image> {
  needed(which, '.image <id|slug|name>');
  try {
    if (/^[\w.-]+$/.test(which)) return await api.fetchImage(which);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  const found = await api.fetchAllPrivateImages().find(({ name }) => name === which);
  if (!found)
    throw new TypeError(`There is no image ${which}; .images ${which} looks for a part of the name.`);
  return found;
}

async function wait(api: DOApi, id: string): Promise<Action | Action[] | string> {
  if (id !== '') return (await api.fetchAction(Number(id))).wait({ throwOnError: false });
  const { items } = await api.fetchAllActions().page(1);
  const ended: Action[] = [];
  for await (const action of api.waitActions(items.filter((one) => one.inProgress))) ended.push(action);
  return ended.length > 0 ? ended : 'Nothing is going on.';
}

function limit({ api, date }: Scope, { paint, columns }: Screen): string {
  const { rateLimit } = api;
  if (!rateLimit) return 'Nobody knows before the first request.\n';
  const { limit, remaining, resetAt } = rateLimit;
  const { full, empty } = bar(remaining / limit, Math.min(30, columns - 10));
  const colour = remaining > limit / 4 ? 'green' : remaining > limit / 20 ? 'yellow' : 'red';
  const text = `${remaining} of ${limit} requests left in this hour`;
  const reset = resetAt.getTime() - date();
  const more = reset > 0 ? `; the first come back in ${duration(reset)}` : '';
  return `${paint(colour, full)}${paint('dim', empty)}\n${wrap(text + more, columns)}\n`;
}

function typeLine(engine: Engine, expression: string): string {
  const type = engine.typeOf(needed(expression, '.type <expression>'));
  return `${type ?? 'Nobody knows; in JavaScript nothing has a type before it is there.'}\n`;
}

/** Values by their types, where those are known; and the classes. */
function types({ values, api, sandbox }: Scope, engine: Engine, { paint, columns }: Screen): string {
  const objects: [string, object][] = [
    ['api', api],
    ...(sandbox ? [['sandbox', sandbox] as [string, object]] : []),
  ];
  const named = objects.map(
    ([name, { constructor }]) => `${paint('cyan', name)}: ${engine.typeOf(name) ?? constructor.name}`,
  );
  const classes = Object.keys(values).filter((name) => !objects.some(([own]) => own === name));
  return `${named.join('\n')}\n${wrap(`${paint('dim', 'classes:')} ${classes.join(', ')}`, columns, '  ')}\n`;
}

function stack(problem: unknown): string {
  if (problem === null) return 'Nothing went wrong so far.\n';
  if (!(problem instanceof Error)) return `${printable(inspect(problem))}\n`;
  const { name, stack = problem.message } = problem;
  // Node puts the line that threw in front.
  return `${stack.slice(Math.max(0, stack.indexOf(`${name}: `)))}\n`;
}
