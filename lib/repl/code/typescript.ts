import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { runInThisContext } from 'node:vm';
import { create, type CreateOptions, createRepl, type Service, TSError } from 'ts-node';
import { type Engine, isCompletion, UnsupportedTypeScript } from './engine';
import { beginsWithImport } from './import-lines';
import { addLine } from './line-compiler';
import { repeatable } from './redeclaration';
import { CompileError } from '../show/explain-error';

/** What `instanceof TSError` means. */
const hasInstance = TSError[Symbol.hasInstance].bind(TSError);

function isTypeScriptError(value: unknown): boolean {
  try {
    return hasInstance(value);
  } catch {
    return false;
  }
}

/** The library. */
const HOME = join(__dirname, '..', '..');

/** Declares the names of the session; there is no such file. */
const DECLARATIONS = join(process.cwd(), '<session>.d.ts');

/** Close to those of this project. A tsconfig.json in the working directory is ignored. */
const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2022'],
  module: 'CommonJS',
  types: ['node'],
  esModuleInterop: true,
  experimentalDecorators: true,
  useDefineForClassFields: false,
  // At a prompt there is no need to narrow away null before a value is used.
  strict: false,
  skipLibCheck: true,
  // ts-node runs again what is written differently when a line follows, such as a comment at the end.
  removeComments: true,
  // Those of the package that runs, wherever the session was started.
  paths: {
    'doapi-ts': [join(HOME, 'index')],
    'doapi-ts/sandbox': [join(HOME, 'sandbox', 'index')],
    'doapi-ts/redis': [join(HOME, 'redis', 'index')],
  },
};

/** The lines so far, as ts-node keeps them. */
class EvaluatedCode {
  readonly path = join(process.cwd(), '<repl>.ts');
  input = '';
  output = '';
  version = 0;
  lines = 0;
  readonly __tsNodeEvalStateBrand = null;
}

/** The first version without the compiler API that ts-node uses. */
const FIRST_UNSUPPORTED = 7;

/** @throws UnsupportedTypeScript */
export function checkTypeScriptVersion(version: string): void {
  if (parseInt(version, 10) >= FIRST_UNSUPPORTED)
    throw new UnsupportedTypeScript(`ts-node does not support TypeScript ${version}`);
}

/**
 * TypeScript for `node:repl`, with types and top-level `await`. It uses the evaluation of ts-node, but not its REPL,
 * which cannot start on Node 24 and later.
 * @param declarations TypeScript that declares the values in scope
 * @throws UnsupportedTypeScript, and the errors of loading ts-node or typescript
 */
export function typescript(declarations: string): Engine {
  const { version } = createRequire(__filename)('typescript/package.json') as { version: string };
  checkTypeScriptVersion(version);
  // ts-node asks it of whatever a line throws: a trap of a Proxy that throws then would leave the line without an end.
  Object.defineProperty(TSError, Symbol.hasInstance, { value: isTypeScriptError, configurable: true });
  const evaluated = new EvaluatedCode();
  const messages: string[] = [];
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      messages.push(chunk.toString());
      done();
    },
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- ts-node keeps the class to itself
  const repl = createRepl({ state: evaluated, stderr });
  const service = serviceFor(withFile(repl.evalAwarePartialHost, DECLARATIONS, declarations));
  repl.setService(service);
  // Compiled lines are CommonJS and define `exports.__esModule`.
  Object.assign(globalThis, { exports: {} });
  // A module of its own: what it declares hides the names of the session, such as another `api`.
  repl.evalCode(`/// <reference path=${JSON.stringify(DECLARATIONS)} />\nexport {};\n`);
  return {
    prepare: (code) => (beginsWithImport(code) ? functionsFirst(service.ts as TypeScript, code) : code),
    run: (code, context, file, callback) => {
      // Code of a completion must not print type errors or become part of the session.
      if (!isCompletion(code)) {
        addLine(service, evaluated, code, (line) => repl.nodeEval(line, context, file, callback));
      } else {
        let value: unknown;
        try {
          value = runInThisContext(code);
        } catch {
          // Incomplete code may be no JavaScript.
        }
        callback(null, value);
      }
    },
    takeCompileError: () => (messages.length === 0 ? null : formatErrors(messages.splice(0).join(''))),
    typeOf: (expression) => typeOf(service, evaluated, expression),
    docOf: (expression) => docOf(service, evaluated, expression),
  };
}

type TypeScript = typeof import('typescript');

/** A program may call its functions above their declarations. With top-level `await`, ts-node assigns them where they stand. */
function functionsFirst(
  { createSourceFile, ScriptTarget, isFunctionDeclaration }: TypeScript,
  code: string,
): string {
  const file = createSourceFile('program.ts', code, ScriptTarget.ES2022);
  let functions = '';
  let rest = '';
  let at = 0;
  for (const statement of file.statements.filter(isFunctionDeclaration)) {
    const start = statement.getStart(file);
    functions += `${code.slice(start, statement.end)}\n`;
    rest += code.slice(at, start);
    at = statement.end;
  }
  return functions + rest + code.slice(at);
}

type FileHost = Pick<CreateOptions, 'readFile' | 'fileExists'>;

/** The host with one more file. */
function withFile(host: FileHost, file: string, text: string): FileHost {
  return {
    ...host,
    readFile: (path) => (path === file ? text : host.readFile?.(path)),
    fileExists: (path) => path === file || host.fileExists?.(path) === true,
  };
}

function serviceFor(host: FileHost): Service {
  const options = {
    ...host,
    skipProject: true,
    projectSearchDir: HOME,
    transformers: () => ({ after: [repeatable(service.ts as TypeScript)] }),
  };
  const serviceWith = (moduleResolution: string): Service =>
    create({ ...options, compilerOptions: { ...COMPILER_OPTIONS, moduleResolution } });
  let service: Service;
  try {
    service = serviceWith('Bundler');
  } catch {
    // Before TypeScript 6, CommonJS allows only this resolution.
    service = serviceWith('Node10');
  }
  return service;
}

/** One line for each error of the compiler: `Property 'nmae' does not exist on type 'Image'. (TS2551)`. */
function formatErrors(text: string): string {
  const found = [...stripVTControlCharacters(text).matchAll(/error (TS\d+): (.*(?:\n {2,}\S.*)*)/g)];
  if (found.length === 0) return text.trim();
  return found.map(([, code = '', message = '']) => `${message.trim()} (${code})`).join('\n');
}

type TypeInfo = ReturnType<Service['getTypeInfo']>;

/** What the compiler says about the name at the end of `code`, which follows the lines so far. */
function typeInfoAtEnd(
  service: Service,
  evaluated: EvaluatedCode,
  { code, rest = '' }: { code: string; rest?: string },
): TypeInfo | null {
  const { input } = evaluated;
  const before = `${input}\n${code}`;
  evaluated.input = before + rest;
  try {
    return service.getTypeInfo(evaluated.input, evaluated.path, before.length - 1);
  } catch {
    return null;
  } finally {
    evaluated.input = input;
  }
}

function typeOf(service: Service, evaluated: EvaluatedCode, expression: string): string | null {
  // An expression that does not compile has the type `any`.
  try {
    service.compile(`${evaluated.input}\nvoid (${expression}\n);`, evaluated.path);
  } catch (error) {
    throw error instanceof TSError ? new CompileError(formatErrors(error.diagnosticText)) : error;
  }
  // The type of this name is that of the expression.
  const info = typeInfoAtEnd(service, evaluated, { code: 'const __type', rest: ` = (${expression})` });
  const type = info?.name.replace(/^const __type: /, '') ?? '';
  return type === '' ? null : type;
}

/** `droplet.takeSnapshot` is that of any Droplet, if the session has no `droplet`. */
function docOf(
  service: Service,
  evaluated: EvaluatedCode,
  expression: string,
): { signature: string; comment: string } | null {
  const path = expression.replace(/\.+$/, '');
  const ofClass = path.replace(/^[a-z](?=\w*\.)/, (first) => `__of${first.toUpperCase()}`);
  const [, name = ''] = /^__of(\w+)/.exec(ofClass) ?? [];
  const codes = [path, ...(name ? [`declare const __of${name}: ${name};\n${ofClass}`] : [])];
  for (const code of codes) {
    const info = typeInfoAtEnd(service, evaluated, { code });
    // An unknown name is `any`.
    if (info && !/^$|(?:^|: )any$/.test(info.name)) return { signature: info.name, comment: info.comment };
  }
  return null;
}
