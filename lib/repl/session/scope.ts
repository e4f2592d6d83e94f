import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as library from '../..';
import type { Requester } from '../../model/requester';
import type { Sandbox } from '../../sandbox';
import type { SessionEvents } from '../show/request-lines';
import { sessionDOApi, sessionSandbox } from './session-client';
import { type Clock, systemClock } from '../../util/clock';
import type { FoundToken } from '../setup/token-source';

/** The values that a session starts with. */
export interface Scope {
  api: library.DOApi;
  /** The sandbox that `api` uses when there is no token. */
  sandbox: Sandbox | null;
  /** The values by their names. */
  values: object;
  /** The modules of this package that code may import, with the classes of the session. */
  modules: ReadonlyMap<string, () => object>;
  /** TypeScript that declares them. */
  declarations: string;
  /** The clock of the API. */
  clock: Clock;
  /** Gives `api` and `new DOApi()` another token. */
  use: (found: FoundToken) => void;
}

const CLASSES = Object.entries(library).filter(([, value]) => typeof value === 'function');

/** The classes with a type parameter. */
const GENERIC: ReadonlySet<string> = new Set([
  'CreateDropletsError',
  'Listing',
  'LookupError',
  'WaitTimeoutError',
]);

/**
 * Makes the values of a session: with a token `api` uses DigitalOcean, without one a sandbox. `new DOApi()` uses the same.
 * With a token, the sandbox is loaded on first use.
 * @param wrap wraps the requester of every manager that the session makes
 * @param events called for the requests of all of them
 */
export function createScope(
  found: FoundToken | null,
  wrap: (requester: Requester) => Requester,
  events?: SessionEvents,
): Scope {
  const load = createRequire(__filename);
  const DOApi = sessionDOApi(library.DOApi, wrap, { defaultsOf: () => defaults, ...(events && { events }) });
  let SessionSandbox: typeof Sandbox | null = null;
  const classes = {
    ...Object.fromEntries(CLASSES),
    DOApi,
    get Sandbox() {
      SessionSandbox ??= sessionSandbox(
        (load('../../sandbox') as typeof import('../../sandbox')).Sandbox,
        wrap,
        { ...(events && { events }) },
      );
      return SessionSandbox;
    },
    // A line may declare another one.
    set Sandbox(value) {
      Object.defineProperty(this, 'Sandbox', { value, writable: true });
    },
  };
  const modules = new Map<string, () => object>([
    ['doapi-ts', () => merge(library, classes)],
    ['doapi-ts/sandbox', () => merge(load('../../sandbox') as object, { Sandbox: classes.Sandbox })],
  ]);
  let scope: Scope;
  let defaults: library.DOApiOptions = {};
  const managerOf = ({ token, endpoint }: FoundToken): library.DOApi => {
    defaults = { token, ...(endpoint && !process.env.DIGITALOCEAN_API_URL && { endpoint }) };
    return new DOApi();
  };
  const use: Scope['use'] = (next) => {
    scope.api = managerOf(next);
    Object.assign(globalThis, { api: scope.api });
  };
  if (found) {
    const api = managerOf(found);
    scope = {
      api,
      sandbox: null,
      use,
      clock: systemClock,
      modules,
      values: merge({ api }, classes),
      declarations: declarationsOf({ api: 'DOApi' }),
    };
    return scope;
  }
  // A manual clock, so that `.advance` can move it, too.
  const sandbox = new classes.Sandbox({ clock: 'manual' });
  const { token, clock, adapter } = sandbox;
  defaults = { token, endpoint: 'https://api.digitalocean.com', clock, transport: { adapter } };
  const api = sandbox.api();
  scope = {
    api,
    sandbox,
    use,
    clock,
    modules,
    values: merge({ api, sandbox }, classes),
    declarations: declarationsOf({ api: 'DOApi', sandbox: 'Sandbox' }),
  };
  return scope;
}

/** The `require` of a session: it finds the modules of this package wherever the session was started. */
export function sessionRequire(original: NodeJS.Require, modules: Scope['modules']): NodeJS.Require {
  return new Proxy(original, {
    apply: (target, self, args: [string]): unknown =>
      modules.get(args[0])?.() ?? Reflect.apply(target, self, args),
  });
}

/** One object of both; getters stay getters. */
function merge(objects: object, classes: object): object {
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(objects), ...Object.getOwnPropertyDescriptors(classes) },
  );
}

/** Declares each class as a value and a type. */
function declarationsOf(objects: Readonly<Record<string, string>>): string {
  const home = join(__dirname, '..', '..');
  const declared = (name: string, path: string): string[] => {
    const type = `import(${JSON.stringify(path)}).${name}`;
    const parameters = GENERIC.has(name) ? ['<T = unknown>', '<T>'] : ['', ''];
    return [
      `declare var ${name}: typeof ${type};`,
      `type ${name}${parameters[0]} = ${type}${parameters[1]};`,
    ];
  };
  return [
    ...CLASSES.flatMap(([name]) => declared(name, home)),
    ...declared('Sandbox', join(home, 'sandbox')),
    // Node's own: the result of the last line, and the last error.
    'declare var _: any, _error: any;',
    ...Object.entries(objects).map(([name, type]) => `declare var ${name}: ${type};`),
  ].join('\n');
}
