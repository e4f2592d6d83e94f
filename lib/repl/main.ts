import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { VERSION } from '../version';
import { readCliOptions, USAGE, type CliOptions } from './setup/cli-options';
import { banner, fetchAccount } from './show/banner';
import type { CommandContext } from './commands/command';
import { addCommands, commonCommands } from './commands/commands';
import { pruneCommands } from './commands/prune-commands';
import { addCompletion } from './commands/completion';
import { confirmer } from './session/confirm';
import { startEngine } from './code/start-engine';
import { keepHistory } from './session/line-history';
import { Input } from './session/input';
import { driveClock } from './session/clock-driver';
import { OutputGuard } from './show/output-guard';
import { Printer } from './show/printer';
import { printable } from '../util/text/sanitize';
import { RequestLines } from './show/request-lines';
import { Interrupted, isInstance } from './show/explain-error';
import { createScope, sessionRequire } from './session/scope';
import { CompletionIndex } from './commands/completion-index';
import { Program } from './code/program';
import { Session } from './session/session';
import { importsFrom } from './code/import-lines';
import { wrapRequester } from './session/session-client';
import { readStartupFile, type StartupFile } from './setup/startup-file';
import { painter, screenOf, wantsColours } from './show/style';
import { ReadOnlyMode } from './show/read-only-mode';
import { findToken, type FoundToken, holdsSecret } from './setup/token-source';
import { Evaluation } from './session/evaluation';
import { WaitLines } from './show/wait-lines';

/**
 * `doapi-ts`: a session at a terminal, or a script from a pipe or the command line.
 * @returns the exit code, when the session has ended
 */
export async function runRepl(argv: readonly string[]): Promise<number> {
  try {
    const options = readCliOptions(argv);
    if (options.help || options.version) {
      process.stdout.write(options.help ? USAGE : `${VERSION}\n`);
      return 0;
    }
    return await runSession(options, findToken(options));
  } catch (error) {
    process.stderr.write(`doapi-ts: ${printable((error as Error).message)}\n`);
    return 2;
  }
}

async function runSession(options: CliOptions, found: FoundToken | null): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const isTyped = options.code === undefined && stdin.isTTY;
  const interactive = isTyped && stdout.isTTY;
  // A script that works on the sandbox by mistake would seem to succeed.
  if (!isTyped && !found && !options.sandbox)
    throw new TypeError('No token was found: set DIGITALOCEAN_TOKEN, or run the script with --sandbox.');
  const token = found?.token ?? null;
  const guard = new OutputGuard(stdout, token);
  const guards = [guard, new OutputGuard(stderr, token)];
  const screen = screenOf(stdout);
  const notice = (text: string): unknown => stderr.write(`${painter(wantsColours(stderr))('dim', text)}\n`);
  // Only results go to a pipe.
  const print = (text: string): void => void (options.json && !interactive ? stderr : stdout).write(text);

  const requests = new RequestLines(screen, (text) => void (interactive ? stdout : stderr).write(text));
  const evaluation = new Evaluation();
  const index = new CompletionIndex();
  const view = interactive
    ? new (await import('./show/progress-view')).ProgressView(screen, evaluation, stdout, guard)
    : null;
  const waits = new WaitLines(view, screen.paint);
  const confirm = confirmer({
    input: () => input,
    evaluation,
    screen,
    print: (text) => void (interactive ? stdout : stderr).write(text),
    nameOf: (kind, id) => index.nameOf(kind, id),
    gigabytesOf: (id) => index.gigabytesOf(id),
  });
  const mode = new ReadOnlyMode(options.readOnly, found !== null, screen.paint);
  const asks = isTyped && found && !options.yes;
  const scope = createScope(
    found,
    (requester) =>
      wrapRequester(requester, {
        evaluation,
        isReadOnly: () => mode.isOn,
        beforeChange: asks ? confirm : () => Promise.resolve(),
        onResult: (result) => index.add(result),
        onFailure: (request, error) => requests.failed(request, error),
        onWait: (target, interval, now) => waits.start(target, interval, now),
        onLateError: (error) => session.report(error),
      }),
    requests.events,
  );
  const account = interactive && found ? fetchAccount(scope.api) : null;
  if (!interactive && !found && !options.sandbox)
    notice('doapi-ts: no token was found, so this talks to a sandbox.');
  Object.defineProperties(globalThis, Object.getOwnPropertyDescriptors(scope.values));
  // A script that is JavaScript needs no TypeScript.
  const reasons: string[] = [];
  const engine = await startEngine(
    options,
    scope.declarations,
    interactive ? notice : (text) => reasons.push(text),
  );
  if (scope.sandbox) driveClock(scope.sandbox, options.speed);
  const sandboxCommands = scope.sandbox
    ? (await import('./commands/sandbox-commands')).sandboxCommands(scope.sandbox, screen, print)
    : [];

  if (interactive) print(`${banner(scope, found, options, (await account?.()) ?? '', screen)}\n`);
  const source = options.code === undefined ? stdin : Readable.from([`${options.code}\n`]);
  const ctrlC = new CtrlC();
  const onCtrlC = (): boolean => ctrlC.press(session, evaluation.busy || waits.size > 0);
  // Node evaluates outside raw mode; a Ctrl-C just after that is a signal, too, and would end the process.
  if (interactive && engine.run === null) process.on('SIGINT', onCtrlC);
  const input: Input = new Input(source, {
    get busy() {
      return evaluation.busy;
    },
    isFile: options.code === undefined,
    get typedCode() {
      const { openCode, server } = session;
      return openCode + server.line.slice(0, server.cursor);
    },
    idle: () => evaluation.idle(),
    interrupt: onCtrlC,
    typed: () => ctrlC.reset(),
  });
  let isReady = false;
  const session = new Session({
    input,
    engine,
    evaluation,
    output: guard.controlling,
    printer: new Printer(screen, () => scope.clock.date()),
    interactive,
    json: options.json,
    prompt: () => (interactive && isReady ? mode.prompt : ''),
  });
  const tokens = token === null ? [] : [token];
  const isSecret = (line: string): boolean => holdsSecret(line, tokens);
  const onToken = (next: string): void => {
    tokens.push(next);
    for (const each of guards) each.hide(next);
  };
  const context: CommandContext = {
    ...{
      session,
      scope,
      engine,
      input,
      screen,
      print,
      isSecret,
      evaluation,
      view,
      mode,
      requests,
      waits,
      onToken,
    },
    nameOf: (kind, id) => index.nameOf(kind, id),
    account: { found },
  };
  const { modules } = scope;
  Object.assign(globalThis, { require: sessionRequire(globalThis.require, modules) });
  addCommands(context, [...commonCommands(context), ...pruneCommands(context), ...sandboxCommands]);
  addCompletion(session, index);
  process.on('unhandledRejection', (error) => {
    if (!isInstance(error, Interrupted)) session.report(error);
  });
  if (interactive) {
    await keepHistory(session.server, isSecret);
    const startup = options.noStartup ? null : readStartupFile(notice);
    if (startup) await runStartupFile(startup, session, notice);
    isReady = true;
    session.showMode();
    session.server.displayPrompt();
  }
  // Node delays `exit` while a line is awaited, so a script ends with `close`.
  await new Promise((resolve) => session.server.once(interactive ? 'exit' : 'close', resolve));
  if (!interactive) await evaluation.settled();
  else if (evaluation.isShielding) {
    notice('A Droplet must be turned on again: this waits for it. Ctrl-C ends that, too.');
    await evaluation.shieldedSettled();
  }
  session.end();
  if (isInstance(session.lastError, SyntaxError)) for (const reason of reasons) notice(reason);
  return session.exitCode;
}

async function runStartupFile(
  { path, code }: StartupFile,
  session: Session,
  notice: (text: string) => unknown,
): Promise<void> {
  const lines = session.transcript.length;
  await session.runProgram(new Program(importsFrom(code, dirname(path))));
  // They are not of this session.
  session.transcript.length = lines;
  if (session.lastError !== null) notice(`That was ${printable(path)}; --no-startup leaves it out.`);
}

/** Ctrl-C ends what is running. A second one, with nothing typed in between, ends the session. */
class CtrlC {
  #hasInterrupted = false;

  /** @returns whether it ended something; if not, it clears the line that is being typed */
  press(session: Session, isRunning: boolean): boolean {
    if (isRunning) {
      session.interrupt();
      this.#hasInterrupted = true;
      return true;
    }
    if (this.#hasInterrupted) session.server.close();
    return this.#hasInterrupted;
  }

  reset(): void {
    this.#hasInterrupted = false;
  }
}
