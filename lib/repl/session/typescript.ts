import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { runInThisContext } from 'node:vm';
import { create, createRepl, type Service } from 'ts-node';
import { type Engine, isProbe } from './engine';

/** Much as this project is compiled, whatever tsconfig.json lies where the session is started. */
const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2022'],
  module: 'CommonJS',
  types: ['node'],
  esModuleInterop: true,
  experimentalDecorators: true,
  useDefineForClassFields: false,
  // What may be null is looked at, at a prompt, not proven.
  strict: false,
  skipLibCheck: true,
};

/** What has been typed so far, as ts-node keeps it. */
class Typed {
  readonly path = join(process.cwd(), '<repl>.ts');
  input = '';
  output = '';
  version = 0;
  lines = 0;
  readonly __tsNodeEvalStateBrand = null;
}

/**
 * TypeScript for `node:repl`: with types, and with `await` at the top level. ts-node's own REPL is not used, since it
 * cannot start on Node 24 and later; its evaluation can.
 * @param declarations TypeScript that says what the values in scope are
 * @throws whatever is wrong with ts-node or typescript
 */
export function typescript(declarations: string): Engine {
  const typed = new Typed();
  const said: string[] = [];
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      said.push(chunk.toString());
      done();
    },
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- ts-node keeps the class to itself
  const repl = createRepl({ state: typed, stderr });
  const service = serviceFor(repl.evalAwarePartialHost);
  repl.setService(service);
  // Compiled lines are CommonJS: they define `exports.__esModule`.
  Object.assign(globalThis, { exports: {} });
  repl.evalCode(`export {};\n${declarations}\n`);
  return {
    run: (code, context, file, callback) => {
      // A probe of something half typed must not print type errors, nor become part of the session.
      if (!isProbe(code)) repl.nodeEval(code, context, file, callback);
      else {
        let value: unknown;
        try {
          value = runInThisContext(code);
        } catch {
          // What is half typed need not be JavaScript.
        }
        callback(null, value);
      }
    },
    complaint: () => (said.length === 0 ? null : readable(said.splice(0).join(''))),
    typeOf: (expression) => typeOf(service, typed, expression),
  };
}

function serviceFor(host: object): Service {
  const options = {
    ...host,
    skipProject: true,
    projectSearchDir: join(__dirname, '..', '..'),
  };
  try {
    return create({ ...options, compilerOptions: { ...COMPILER_OPTIONS, moduleResolution: 'Bundler' } });
  } catch {
    // Before TypeScript 6, CommonJS was looked up in one way only.
    return create({ ...options, compilerOptions: { ...COMPILER_OPTIONS, moduleResolution: 'Node10' } });
  }
}

/** What the compiler said, one line for each error: `Property 'nmae' does not exist on type 'Image'. (TS2551)`. */
function readable(text: string): string {
  const found = [...stripVTControlCharacters(text).matchAll(/error (TS\d+): (.*(?:\n {2,}\S.*)*)/g)];
  if (found.length === 0) return text.trim();
  return found.map(([, code = '', message = '']) => `${message.trim()} (${code})`).join('\n');
}

function typeOf(service: Service, typed: Typed, expression: string): string | null {
  const { input } = typed;
  // A name of its own, whose type is that of the expression.
  typed.input = `${input}\nconst __type = (${expression})`;
  try {
    const { name } = service.getTypeInfo(typed.input, typed.path, input.length + 9);
    return name.replace(/^const __type: /, '') || null;
  } catch {
    return null;
  } finally {
    typed.input = input;
  }
}
