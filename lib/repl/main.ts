import { Readable } from 'node:stream';
import { VERSION } from '../version';
import { readCliOptions, USAGE, type CliOptions } from './session/cli-options';
import { askAccount, banner } from './show/banner';
import { takeCare } from './session/call-tracking';
import { addCommands, commonCommands } from './commands/commands';
import { complete } from './commands/completion';
import { asker } from './session/confirm';
import { type Engine, javascript } from './session/engine';
import { remember } from './session/line-history';
import { Input } from './session/input';
import { driveClock } from './session/clock-driver';
import { Printer } from './show/printer';
import { Interrupted } from './show/explain-error';
import { createScope, type Scope } from './session/scope';
import { CompletionIndex } from './commands/completion-index';
import { Session } from './session/session';
import { painter, type Screen, wantsColours } from './show/style';
import { findToken, type FoundToken, hide, holdsToken } from './session/token-source';
import { Evaluation } from './session/evaluation';
import { Waits } from './show/wait-lines';

/**
 * `doapi-ts`: a session at a terminal, a script from a pipe or from the command line.
 * @returns the exit code, when the session has ended
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const wishes = readCliOptions(argv);
    if (wishes.help || wishes.version) {
      process.stdout.write(wishes.help ? USAGE : `${VERSION}\n`);
      return 0;
    }
    return await hold(wishes, findToken(wishes));
  } catch (error) {
    process.stderr.write(`doapi-ts: ${(error as Error).message}\n`);
    return 2;
  }
}

async function hold(wishes: CliOptions, found: FoundToken | null): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const typed = wishes.code === undefined && stdin.isTTY;
  const interactive = typed && stdout.isTTY;
  const token = found?.token ?? null;
  if (token !== null) for (const stream of [stdout, stderr]) hide(token, stream);

  const scope = createScope(found);
  const account = interactive && found ? askAccount(scope.api) : null;
  const screen = screenOf(stdout);
  const notice = (text: string): unknown => stderr.write(`${painter(wantsColours(stderr))('dim', text)}\n`);
  if (!interactive && !found && !wishes.sandbox)
    notice('doapi-ts: no token was found, so this talks to a sandbox.');
  Object.defineProperties(globalThis, Object.getOwnPropertyDescriptors(scope.values));
  const engine = await engineFor(wishes, scope, notice);
  if (scope.sandbox) driveClock(scope.sandbox, wishes.speed);

  const turn = new Evaluation();
  const board = interactive
    ? new (await import('./show/progress-view')).ProgressView(screen, turn, stdout)
    : null;
  const waits = new Waits(board, scope.now, screen.paint, scope.api.waitInterval);
  const source = wishes.code === undefined ? stdin : Readable.from([`${wishes.code}\n`]);
  const input: Input = new Input(source, {
    get busy() {
      return turn.busy;
    },
    idle: () => turn.idle(),
    interrupt: () => interrupt(session, turn, waits),
    typed: () => (armed = false),
  });
  const seen = new CompletionIndex();
  // What is no result goes where no pipe takes it for one.
  const print = (text: string): void => void (wishes.json && !interactive ? stderr : stdout).write(text);
  const ask = (text: string): void => void (interactive ? stdout : stderr).write(text);
  const asks = typed && found && !wishes.yes;
  waits.watch();
  takeCare({ turn, seen, confirm: asks ? asker(input, turn, screen, ask) : null });

  if (interactive) print(`${banner(scope, found, wishes, (await account?.()) ?? '', screen)}\n`);
  const prompt = interactive
    ? screen.paint(found ? 'yellow' : 'green', found ? 'digitalocean> ' : 'sandbox> ')
    : '';
  const session = new Session({
    input,
    engine,
    turn,
    printer: new Printer(screen, scope.date),
    interactive,
    json: wishes.json,
    prompt,
  });
  const isSecret = (line: string): boolean => holdsToken(line, token);
  const desk = { session, scope, engine, input, screen, print, isSecret };
  const more = scope.sandbox
    ? (await import('./commands/sandbox-commands')).sandboxCommands(scope.sandbox, screen, print)
    : [];
  addCommands(desk, [...commonCommands(desk), ...more]);
  complete(session.server, seen);
  process.on('unhandledRejection', (error) => {
    if (!(error instanceof Interrupted)) session.report(error);
  });
  if (interactive) await remember(session.server, isSecret);
  // A line that Node still waits for holds its `exit` back; nothing of a script is left to be heard.
  await new Promise((resolve) => session.server.once(interactive ? 'exit' : 'close', resolve));
  if (!interactive) await turn.settled();
  session.end();
  return session.exitCode;
}

/** Whether Ctrl-C was meant for what is under way. A second one, with nothing typed in between, leaves. */
let armed = false;
function interrupt(session: Session, turn: Evaluation, waits: Waits): boolean {
  if (turn.busy || waits.size > 0) {
    session.interrupt();
    armed = true;
    return true;
  }
  if (armed) session.server.close();
  return armed;
}

async function engineFor(
  { js }: CliOptions,
  { declarations }: Scope,
  notice: (text: string) => unknown,
): Promise<Engine> {
  if (js) return javascript;
  try {
    const { typescript } = await import('./session/typescript');
    return typescript(declarations);
  } catch (error) {
    const missing = /Cannot find module '(ts-node|typescript)'/.exec((error as Error).message)?.[1];
    const why = missing
      ? `${missing} is not installed`
      : `ts-node cannot start (${(error as Error).message.split('\n')[0] ?? ''})`;
    notice(`JavaScript, since ${why}: npm install ts-node typescript@6 brings types.`);
    return javascript;
  }
}

function screenOf(stream: NodeJS.WriteStream): Screen {
  const colours = wantsColours(stream);
  return {
    colours,
    paint: painter(colours),
    get columns() {
      return stream.isTTY ? Math.max(20, stream.columns) : 80;
    },
    get rows() {
      return stream.isTTY ? stream.rows : 24;
    },
  };
}
