import { create, type Domain } from 'node:domain';
import { type REPLServer, Recoverable, type REPLEval, start } from 'node:repl';
import { Listing } from '../..';
import { type Engine, isProbe } from './engine';
import { type Input, withItsLines } from './input';
import { jsonOf, type Printer } from '../show/printer';
import { explain, Interrupted, Refused } from '../show/explain-error';
import type { Evaluation } from './evaluation';

/** How a session is held. */
export interface SessionOptions {
  input: Input;
  engine: Engine;
  turn: Evaluation;
  printer: Printer;
  /** Whether somebody sits at a terminal; otherwise it is a script, which ends with its first error. */
  interactive: boolean;
  json: boolean;
  prompt: string;
}

/** A session: reads a line, runs it, shows what it gave. */
export class Session {
  readonly server: REPLServer;
  /** The last error, for `.stack`. */
  problem: unknown = null;
  /** Everything that was run, for `.save`. */
  readonly transcript: string[] = [];
  /** 1 when a script has failed. */
  exitCode = 0;
  /** Whether a statement has begun and not ended. */
  #open = false;
  /** Fails the line that is being run; `null` when none is. */
  #crash: ((error: unknown) => void) | null = null;
  readonly #domain: Domain;

  constructor(private readonly options: SessionOptions) {
    const { input, engine, printer, interactive, prompt } = options;
    const own = engine.run;
    this.server = start({
      prompt,
      input,
      output: process.stdout,
      terminal: interactive,
      useGlobal: true,
      ignoreUndefined: true,
      preview: false,
      writer: (value) => printer.show(value),
      ...(own ? { eval: this.#around(own) } : { breakEvalOnSigint: true }),
    });
    this.#domain = domainOf(this.server);
    this.#domain.on('error', (error) => this.#crashed(error));
    // Nobody is there to see a prompt.
    if (!interactive) {
      this.server.displayPrompt = () => undefined;
      this.#refuseCommands();
    }
    if (!own) {
      const nodes = this.server.eval.bind(this.server) as REPLEval;
      Object.defineProperty(this.server, 'eval', {
        value: this.#around(nodes),
        configurable: true,
        writable: true,
      });
    }
  }

  /** Ends the line that is being run. */
  interrupt(): void {
    const runsInNode = this.options.engine.run === null && this.#crash !== null;
    this.options.turn.interrupt();
    // Node waits for what a line awaits in a way of its own.
    if (runsInNode) this.server.emit('SIGINT');
  }

  /** Something went wrong that nobody waited for: it is shown, and is not the end of a session at a terminal. */
  report(error: unknown): void {
    if (this.options.interactive && !this.options.turn.busy) process.stdout.write('\n');
    this.#fail(error);
    if (this.options.interactive && !this.options.turn.busy) this.server.displayPrompt(true);
  }

  /** Runs something of ours as if it were a line. */
  async run(work: () => unknown): Promise<void> {
    const { turn } = this.options;
    turn.begin();
    try {
      await this.#show(await turn.race(Promise.resolve().then(work)));
    } catch (error) {
      this.#fail(error);
    } finally {
      turn.end();
    }
    this.server.displayPrompt();
  }

  /** To be called at the end: half a statement is a mistake of the script. */
  end(): void {
    if (!this.options.interactive && this.#open)
      this.#fail(new SyntaxError('The script ends in the middle of a statement.'));
  }

  /** Node goes on behind a command that it does not know; a script is not to. */
  #refuseCommands(): void {
    const { server } = this;
    const listeners = server.listeners('line') as ((line: string) => void)[];
    server.removeAllListeners('line');
    server.on('line', (line) => {
      const [, name] = /^\s*\.(?![.\d])(\S*)/.exec(line) ?? [];
      if (name === undefined || this.#open || Object.hasOwn(server.commands, name))
        for (const listener of listeners) listener.call(server, line);
      else
        void this.run(() => {
          throw new TypeError(`There is no command .${name}; .help names them all.`);
        });
    });
  }

  #around(run: REPLEval): REPLEval {
    const { turn, engine, input } = this.options;
    return (read, context, file, callback) => {
      if (isProbe(read)) {
        run.call(this.server, read, context, file, callback);
        return;
      }
      const code = withItsLines(read);
      turn.begin();
      const ran = new Promise((resolve, reject) => {
        this.#crash = reject;
        // A loop without end hears nothing: then the terminal itself takes Ctrl-C, as it does for any program.
        const { isRaw } = input;
        if (engine.run && isRaw) input.setRawMode?.(false);
        this.#domain.run(() => {
          run.call(this.server, code, context, file, (...[error, ...values]: unknown[]) => {
            const complaint = engine.complaint();
            if (complaint !== null) reject(new Refused(complaint));
            // `null` may have been thrown: then there is no value.
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the line threw
            else if (error !== null || (values.length === 0 && code.trim() !== '')) reject(error);
            else resolve(values[0]);
          });
        });
        if (engine.run && isRaw) input.setRawMode?.(true);
      }).finally(() => (this.#crash = null));
      turn
        .race(ran)
        .then((value) => this.#toShow(value))
        .then(
          (value) => {
            this.#over(code);
            callback(null, value);
          },
          (error: unknown) => {
            this.#over(code, { error });
            callback(error instanceof Recoverable ? error : null, undefined);
          },
        );
    };
  }

  /** An error that no line has caught: of the line that is being run, or of something that it has left behind. */
  #crashed(error: unknown): void {
    const isCtrlC = (error as NodeJS.ErrnoException | null)?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
    if (this.#crash) this.#crash(isCtrlC ? new Interrupted() : error);
    else if (!isCtrlC) this.report(error);
  }

  #over(code: string, failed: { error: unknown } | null = null): void {
    this.#open = failed?.error instanceof Recoverable;
    if (failed && !this.#open) this.#fail(failed.error);
    if (!this.#open && code.trim() !== '') this.transcript.push(code.trimEnd());
    this.options.turn.end();
  }

  /** What Node is to print; a listing shows its first page, which is asked for here. */
  async #toShow(value: unknown): Promise<unknown> {
    const { json, turn, printer } = this.options;
    if (json) {
      const line = await turn.race(jsonOf(value, turn.signal));
      if (line !== null) process.stdout.write(`${line}\n`);
      return undefined;
    }
    if (value instanceof Listing) {
      const listing = value as Listing<unknown>;
      printer.pages.set(listing, await turn.race(listing.page(1)));
    }
    return value;
  }

  async #show(value: unknown): Promise<void> {
    const shown = await this.#toShow(value);
    if (shown === undefined) return;
    if (!this.server.underscoreAssigned) Object.assign(this.server, { last: shown });
    process.stdout.write(`${this.options.printer.show(shown)}\n`);
  }

  #fail(error: unknown): void {
    const { interactive, printer, input, turn } = this.options;
    // The first error is the end of a script; what comes of ending it is none of its own.
    if (this.exitCode !== 0) return;
    this.problem = error;
    Object.assign(this.server, { lastError: error });
    const stream = interactive ? process.stdout : process.stderr;
    stream.write(`${explain(error, printer.screen)}\n`);
    // What was pasted or loaded behind it may depend on it.
    input.forget();
    if (interactive) return;
    this.exitCode = 1;
    turn.interrupt();
    this.server.close();
  }
}

/**
 * Where Node sends the errors of lines, past the callback of `eval`. Up to Node 24 a REPL has a domain of its own; later
 * it respects the one it finds.
 */
function domainOf(server: REPLServer): Domain {
  const { _domain: own } = server as unknown as { _domain?: Domain };
  return own?.removeAllListeners('error') ?? create();
}
