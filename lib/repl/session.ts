import { dirname } from 'node:path';
import type { REPLEval } from 'node:repl';
import { runInThisContext } from 'node:vm';
import { create, createRepl } from 'ts-node';

/** Much as this project is compiled, whatever tsconfig.json lies where the session is started. */
const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2022'],
  module: 'CommonJS',
  moduleResolution: 'Bundler',
  types: ['node'],
  esModuleInterop: true,
  experimentalDecorators: true,
  useDefineForClassFields: false,
  // What may be null is looked at, at a prompt, not proven.
  strict: false,
  skipLibCheck: true,
};

/** Completion asks for values in this shape. */
const PROBE = /^try \{.*\} catch \{\}$/s;

/**
 * A TypeScript session for `node:repl`: with types, and with `await` at the top level. ts-node's own REPL is not used,
 * since it cannot start on Node 24 and later; its evaluation can.
 * @param scope values that lines can use by name
 * @param declarations TypeScript that says what these values are
 */
export function createSession(scope: object, declarations: string): REPLEval {
  // Compiled lines are CommonJS: they define `exports.__esModule`.
  Object.assign(globalThis, { exports: {} }, scope);
  const repl = createRepl();
  const service = create({
    ...repl.evalAwarePartialHost,
    skipProject: true,
    projectSearchDir: dirname(__dirname),
    compilerOptions: COMPILER_OPTIONS,
  });
  repl.setService(service);
  repl.evalCode(`export {};\n${declarations}\n`);
  return (code, context, file, callback) => {
    // A probe of something half typed must not print type errors, nor become part of the session.
    if (PROBE.test(code)) callback(null, runInThisContext(code));
    else repl.nodeEval(code, context, file, callback);
  };
}
