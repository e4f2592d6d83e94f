import Module from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';

type Require = (id: string) => unknown;

/** A module while it is loaded. */
interface Loading {
  exports: unknown;
  require: Require;
}

/** What a file of CommonJS is compiled to. */
type Wrapper = (
  this: unknown,
  exports: unknown,
  require: Require,
  module: Loading,
  file: string,
  folder: string,
) => void;

/** Node's loader, as far as no types declare it. */
interface Loader {
  _extensions: Record<string, ((module: Loading, file: string) => void) | undefined>;
  prototype: { _compile(this: Loading, code: string, file: string): void };
}

/**
 * Reads and compiles each file once in this process. A module that is loaded again runs from its first line, with
 * variables and exports of its own; it does so in a third of the time.
 */
export function keepCompiled(): void {
  const { _extensions: endings, prototype } = Module as unknown as Loader;
  const scripts = new Map<string, Script>();
  prototype._compile = function (code, file) {
    const script = new Script(Module.wrap(code), {
      filename: file,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    scripts.set(file, script);
    run(this, script, file);
  };
  for (const ending of ['.ts', '.js']) {
    const read = endings[ending];
    endings[ending] = (module, file) => {
      const script = scripts.get(file);
      if (script) run(module, script, file);
      else read?.(module, file);
    };
  }
}

function run(module: Loading, script: Script, file: string): void {
  const wrapper = script.runInThisContext() as Wrapper;
  wrapper.call(module.exports, module.exports, (id) => module.require(id), module, file, dirname(file));
}
