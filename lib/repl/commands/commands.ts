import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { inspect } from 'node:util';
import type { Action, DOApi } from '../..';
import type { Engine } from '../code/engine';
import type { Screen } from '../show/style';
import type { Scope } from '../session/scope';
import { Program } from '../code/program';
import { beginsWithImport, importsFrom } from '../code/import-lines';
import { definitions } from '../show/table';
import { bar, duration, wrap } from '../show/text-layout';
import { escapeUnprintable, printable } from '../../util/text/sanitize';
import type { Command, CommandContext } from './command';
import {
  droplets,
  emptyHint,
  FILTERS,
  findDroplet,
  findImage,
  images,
  required,
  snapshots,
} from './find-resources';

/** Adds commands to those of Node. */
export function addCommands(context: CommandContext, commands: readonly Command[]): void {
  const { session, print, screen } = context;
  const help: Command = {
    name: 'help',
    help: 'prints this list',
    run: () => print(helpText(commands, screen)),
  };
  for (const { name, help: text, run, endsItself } of [help, ...commands]) {
    session.server.defineCommand(name, {
      help: text,
      action: (argument) => void session.run(() => run(argument.trim()), endsItself),
    });
  }
}

function helpText(commands: readonly Command[], screen: Screen): string {
  const entries = commands.map(
    ({ name, usage = '', help }) => [`.${name} ${usage}`.trimEnd(), help] as const,
  );
  const keys = 'Tab completes. Ctrl-C ends what is running; a second Ctrl-C ends the session.';
  return `${definitions(entries, screen.columns, screen.paint)}\n${screen.paint('dim', wrap(keys, screen.columns))}\n`;
}

/** The commands of every session. */
export function commonCommands(context: CommandContext): Command[] {
  const { session, scope, engine, input, screen, print, isSecret } = context;
  const hinted = <T>(list: keyof typeof FILTERS, filter: string, found: T): T => {
    const hint = emptyHint(list, filter, found);
    if (hint !== null) print(`${wrap(hint, screen.columns)}\n`);
    return found;
  };
  return [
    {
      name: 'images',
      usage: '[filter]',
      help: 'lists images: all, private, distribution, application, or those with this in the name',
      run: async (filter) => hinted('images', filter, await images(scope.api, filter)),
    },
    {
      name: 'image',
      usage: '<id|slug|name>',
      help: 'fetches one image',
      run: (which) => findImage(scope.api, which),
    },
    {
      name: 'droplets',
      usage: '[filter]',
      help: 'lists Droplets: all, gpus, or those with this in the name or tags',
      run: async (filter) => hinted('droplets', filter, await droplets(scope.api, filter)),
    },
    {
      name: 'droplet',
      usage: '<id|name>',
      help: 'fetches one Droplet',
      run: (which) => findDroplet(scope.api, which),
    },
    {
      name: 'snapshots',
      usage: '[filter]',
      help: 'lists snapshots: all, droplet, volume, or those with this in the name or tags',
      run: async (filter) => hinted('snapshots', filter, await snapshots(scope.api, filter)),
    },
    { name: 'actions', help: 'lists the actions', run: () => scope.api.fetchAllActions() },
    {
      name: 'wait',
      usage: '[id]',
      help: 'waits for one action, or for all in progress',
      run: (id) => wait(scope.api, id),
    },
    {
      name: 'watch',
      help: 'shows the actions in progress as they change, until Ctrl-C',
      run: async () => (await import('./watch-command')).watchActions(context),
    },
    {
      name: 'context',
      usage: '[name]',
      help: 'lists the contexts of doctl, or uses the token of one from now on',
      run: async (name) => (await import('./context-command')).useContext(context, name),
    },
    {
      name: 'readonly',
      usage: '[on|off]',
      help: 'lets nothing leave but GET and HEAD',
      run: (argument) => print(`${switchMode(context, argument)}\n`),
    },
    {
      name: 'wire',
      usage: '[on|off]',
      help: 'prints each request in a line: method, path, status, time',
      run: (argument) => print(`${switchWire(context, argument)}\n`),
    },
    { name: 'limit', help: 'prints how many requests are left', run: () => print(limit(scope, screen)) },
    {
      name: 'type',
      usage: '<expression>',
      help: 'prints the type of an expression',
      run: (expression) => print(typeLine(engine, expression)),
    },
    {
      name: 'doc',
      usage: '<expression>',
      help: 'prints signature and documentation: .doc image.transfer, .doc ActOptions',
      run: async (expression) => (await import('./doc-command')).printDoc(context, expression),
    },
    {
      name: 'types',
      help: 'prints what is in scope, and its types',
      run: () => print(types(scope, engine, screen)),
    },
    { name: 'stack', help: 'prints the stack of the last error', run: () => print(stack(session.lastError)) },
    {
      name: 'save',
      usage: '<file>',
      help: 'writes the lines of this session to a file',
      run: (file) => {
        const lines = session.transcript.filter((line) => !isSecret(line)).map(escapeUnprintable);
        writeFileSync(required(file, '.save <file>'), `${lines.join('\n')}\n`, { mode: 0o600 });
        // The file may have existed before, readable for others.
        chmodSync(file, 0o600);
        print(`Saved ${lines.length} ${lines.length === 1 ? 'line' : 'lines'} to ${file}.\n`);
      },
    },
    {
      name: 'load',
      usage: '<file>',
      help: 'runs the lines of a file, or as a whole one that begins with an import',
      run: (file) => {
        const code = readFileSync(required(file, '.load <file>'), 'utf8');
        if (beginsWithImport(code)) return new Program(importsFrom(code, dirname(resolve(file))));
        input.insert(code);
        return undefined;
      },
    },
    { name: 'exit', help: 'ends the session', run: () => session.server.close() },
  ];
}

async function wait(api: DOApi, id: string): Promise<Action | Action[] | string> {
  if (id !== '' && !/^[1-9]\d*$/.test(id))
    throw new TypeError(
      `Usage: .wait [id]; ${printable(id)} is no id of an action, and .actions lists them.`,
    );
  if (id !== '') return (await api.fetchAction(Number(id))).wait({ throwOnError: false });
  const { items } = await api.fetchAllActions().page(1);
  const ended: Action[] = [];
  for await (const action of api.waitActions(items.filter((one) => one.inProgress))) ended.push(action);
  return ended.length > 0 ? ended : 'No action is in progress.';
}

/** Switches what `on` and `off` switch; without an argument it stays. */
function switchOn(name: string, argument: string, target: { isOn: boolean }): void {
  if (!['', 'on', 'off'].includes(argument)) throw new TypeError(`Usage: .${name} on, .${name} off`);
  if (argument !== '') target.isOn = argument === 'on';
}

/** @returns what holds from now on */
function switchWire({ requests }: CommandContext, argument: string): string {
  switchOn('wire', argument, requests);
  return requests.isOn ? 'Each request is printed.' : 'Requests are not printed.';
}

/** @returns what holds from now on */
function switchMode({ mode, session }: CommandContext, argument: string): string {
  switchOn('readonly', argument, mode);
  session.showMode();
  return mode.isOn ? 'Read-only: nothing but GET and HEAD is sent.' : 'Not read-only: changes can be sent.';
}

function limit({ api, clock }: Scope, { paint, columns }: Screen): string {
  const { rateLimit } = api;
  if (!rateLimit) return 'Unknown before the first request.\n';
  const { limit, remaining, resetAt } = rateLimit;
  const { full, empty } = bar(remaining / limit, Math.min(30, columns - 10));
  const colour = remaining > limit / 4 ? 'green' : remaining > limit / 20 ? 'yellow' : 'red';
  const text = `${remaining} of ${limit} requests left in this hour`;
  const reset = resetAt.getTime() - clock.date();
  const more = reset > 0 ? `; the first become available again in ${duration(reset)}` : '';
  return `${paint(colour, full)}${paint('dim', empty)}\n${wrap(text + more, columns)}\n`;
}

function typeLine(engine: Engine, expression: string): string {
  const type = engine.typeOf(required(expression, '.type <expression>'));
  return `${type ?? 'Unknown: types need TypeScript.'}\n`;
}

/** Values with their types, and the classes. */
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

function stack(error: unknown): string {
  if (error === null) return 'There was no error.\n';
  if (!(error instanceof Error)) return `${printable(inspect(error))}\n`;
  const { name, stack = error.message } = error;
  // Node puts the line that threw before the stack.
  const lines = stack.slice(Math.max(0, stack.indexOf(`${name}: `))).split('\n');
  return `${lines.map((line) => `${/^ */.exec(line)?.[0] ?? ''}${printable(line)}`).join('\n')}\n`;
}
