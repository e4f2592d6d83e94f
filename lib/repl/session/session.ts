import type { Domain } from 'node:domain';
import { type REPLServer, Recoverable, type REPLEval, start } from 'node:repl';
import { Listing } from '../..';
import { changesNothing, isCompletion } from '../code/engine';
import { beginsWithImport } from '../code/import-lines';
import { commentsOnly, splitJoined } from '../code/script-lines';
import { toJsonLine } from '../show/printer';
import { explain, Interrupted, isInstance } from '../show/explain-error';
import { rejectUnknownCommands, withCommandHint } from './unknown-commands';
import { codeOf, compileErrorOf, domainOf } from './line-errors';
import { Program } from '../code/program';
import type { SessionOptions } from './session-options';

/** Reads lines, evaluates them and shows their results. */
export class Session {
  readonly server: REPLServer;
  lastError: unknown = null;
  /** All evaluated lines. */
  readonly transcript: string[] = [];
  /** 1 when a script has failed. */
  exitCode = 0;
  /** The lines so far, if they end within a statement. */
  #openCode = '';
  /** Rejects the line that is being evaluated. */
  #rejectLine: ((error: unknown) => void) | null = null;
  readonly #domain: Domain;

  constructor(private readonly options: SessionOptions) {
    const { input, engine, output, printer, interactive, prompt } = options;
    const { run } = engine;
    this.server = start({
      prompt: prompt(),
      input,
      output,
      terminal: interactive,
      useGlobal: true,
      ignoreUndefined: true,
      preview: false,
      writer: (value) => printer.show(value),
      ...(run ? { eval: this.#wrapEval(run) } : { breakEvalOnSigint: true }),
    });
    this.#domain = domainOf(this.server);
    this.#domain.on('error', (error) => this.#onUncaught(error));
    if (!interactive) this.server.displayPrompt = () => undefined;
    rejectUnknownCommands(this.server, {
      isOpen: () => (interactive ? this.#isContinued : this.#openCode !== ''),
      reject: (error) =>
        void this.run(() => {
          throw error;
        }),
    });
    if (!run) {
      const nodeEval = this.server.eval.bind(this.server) as REPLEval;
      Object.defineProperty(this.server, 'eval', {
        value: this.#wrapEval(nodeEval),
        configurable: true,
        writable: true,
      });
    }
  }

  /** The lines before the one that is being typed, if they belong to the same statement. */
  get openCode(): string {
    return this.#isContinued ? this.#openCode : '';
  }

  /** Shows the prompt as it is from now on. */
  showMode(): void {
    this.server.setPrompt(this.options.prompt());
  }

  /** Ends the line that is being evaluated, and the calls of earlier ones. */
  interrupt(): void {
    const isNodeEval = this.options.engine.run === null && this.#rejectLine !== null;
    this.options.evaluation.interrupt();
    // Node's own evaluation awaits the line, too.
    if (isNodeEval) this.server.emit('SIGINT');
  }

  /** Shows an error that no line has caught. It ends a script, but no session at a terminal. */
  report(error: unknown): void {
    const isAtPrompt = this.options.interactive && !this.options.evaluation.busy;
    if (isAtPrompt) process.stdout.write('\n');
    this.#fail(error);
    if (isAtPrompt) this.server.displayPrompt(true);
  }

  /** Runs a command as if it were a line. @param endsItself whether it has a result after Ctrl-C, too */
  async run(command: () => unknown, endsItself = false): Promise<void> {
    const { evaluation } = this.options;
    let program: Program | null = null;
    evaluation.begin();
    try {
      const start = (): Promise<unknown> => Promise.resolve().then(command);
      const result = await (endsItself ? evaluation.runToEnd(start) : evaluation.race(evaluation.run(start)));
      if (result instanceof Program) program = result;
      else await this.#show(result);
    } catch (error) {
      this.#fail(error);
    } finally {
      evaluation.end();
    }
    if (program) await this.runProgram(program);
    this.server.displayPrompt();
  }

  /** Runs code as a whole, without its result. What it declares is in scope afterwards. */
  async runProgram({ code }: Program): Promise<void> {
    const { server } = this;
    const failure = await new Promise<unknown>((resolve) =>
      server.eval.call(server, `${code}\n`, server.context, 'program', resolve),
    );
    // Only of code that is not complete; other errors are reported by now.
    if (failure === null) return;
    this.#openCode = '';
    this.#fail(new SyntaxError('The file ends in the middle of a statement.'));
  }

  /** Call at the end of the input: a script that ends within a statement fails. */
  end(): void {
    if (!this.options.interactive && this.#openCode !== '')
      this.#fail(new SyntaxError('The script ends in the middle of a statement.'));
  }

  /** Whether the line that is being typed continues earlier ones: Node shows another prompt then. */
  get #isContinued(): boolean {
    return this.server.getPrompt() !== this.options.prompt();
  }

  #wrapEval(run: REPLEval): REPLEval {
    const { evaluation, engine, input } = this.options;
    return (line, context, file, callback) => {
      if (isCompletion(line)) {
        if (changesNothing(line)) run.call(this.server, line, context, file, callback);
        else callback(null, undefined);
        return;
      }
      const code = splitJoined(line);
      // Running comments takes time, and ts-node refuses the first line of a long one.
      const comments = code.trim() === '' ? null : commentsOnly(code);
      if (comments !== null) {
        const open = comments === 'open' ? new Recoverable(new SyntaxError('A comment has no end.')) : null;
        this.#endLine(code, open && { error: open });
        callback(open, undefined);
        return;
      }
      const prepared = engine.prepare(code);
      if (prepared === null) {
        const open = new Recoverable(new SyntaxError('An import has no end.'));
        this.#endLine(code, { error: open });
        callback(open, undefined);
        return;
      }
      evaluation.begin();
      const evaluated = new Promise((resolve, reject) => {
        this.#rejectLine = reject;
        // An endless loop handles no keys: outside raw mode, the terminal turns Ctrl-C into SIGINT.
        const { isRaw } = input;
        if (engine.run && isRaw) input.setRawMode?.(false);
        evaluation.run(() =>
          this.#domain.run(() => {
            run.call(this.server, prepared, context, file, (...[error, ...values]: unknown[]) => {
              const compileError = engine.takeCompileError();
              if (compileError !== null) reject(compileErrorOf(compileError));
              // A line may throw `null`; then there is no value.
              // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the line threw
              else if (error !== null || (values.length === 0 && code.trim() !== '')) reject(error);
              else resolve(values[0]);
            });
          }),
        );
        if (engine.run && isRaw) input.setRawMode?.(true);
      }).finally(() => (this.#rejectLine = null));
      evaluation
        .race(evaluated)
        // A program prints what it wants to.
        .then((value) =>
          evaluation.run(() => this.#resolveOutput(beginsWithImport(code) ? undefined : value)),
        )
        .then(
          (value) => {
            this.#endLine(code);
            callback(null, value);
          },
          (error: unknown) => {
            this.#endLine(code, { error });
            callback(isInstance(error, Recoverable) ? error : null, undefined);
          },
        );
    };
  }

  /** Handles an error of the current line, or of code that an earlier line has left running. */
  #onUncaught(error: unknown): void {
    const isCtrlC = codeOf(error) === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
    if (this.#rejectLine) this.#rejectLine(isCtrlC ? new Interrupted() : error);
    else if (!isCtrlC) this.report(error);
  }

  #endLine(code: string, failure: { error: unknown } | null = null): void {
    const isOpen = isInstance(failure?.error, Recoverable);
    this.#openCode = isOpen ? code : '';
    if (failure && !isOpen) this.#fail(withCommandHint(this.server, code, failure.error));
    if (!isOpen && code.trim() !== '') this.transcript.push(code.trimEnd());
    this.options.evaluation.end();
  }

  /** The value for Node to print. Fetches the first page of a listing; writes JSON itself. */
  async #resolveOutput(value: unknown): Promise<unknown> {
    const { json, evaluation, printer } = this.options;
    if (json) {
      const line = await evaluation.race(toJsonLine(value, evaluation.signal));
      if (line !== null) process.stdout.write(`${line}\n`);
      return undefined;
    }
    if (value instanceof Listing) {
      const listing = value as Listing<unknown>;
      printer.pages.set(listing, await evaluation.race(listing.page(1)));
    }
    return value;
  }

  async #show(value: unknown): Promise<void> {
    const shown = await this.options.evaluation.run(() => this.#resolveOutput(value));
    if (shown === undefined) return;
    if (!this.server.underscoreAssigned) Object.assign(this.server, { last: shown });
    process.stdout.write(`${this.options.printer.show(shown)}\n`);
  }

  #fail(error: unknown): void {
    const { interactive, printer, input, evaluation } = this.options;
    // The first error ends a script. Errors that follow from ending it are not shown.
    if (this.exitCode !== 0) return;
    this.lastError = error;
    Object.assign(this.server, { lastError: error });
    const stream = interactive ? process.stdout : process.stderr;
    stream.write(`${explain(error, printer.screen)}\n`);
    // Lines that were pasted or loaded after this one may depend on it.
    input.clear();
    if (interactive) return;
    this.exitCode = 1;
    evaluation.interrupt();
    this.server.close();
  }
}
