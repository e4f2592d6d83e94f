import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as library from '../..';
import type { Requester } from '../../model/requester';
import type { Sandbox } from '../../sandbox';
import { sessionDOApi, sessionSandbox } from './session-client';
import type { FoundToken } from '../setup/token-source';

/** The values that a session starts with. */
export interface Scope {
  api: library.DOApi;
  /** The sandbox that `api` uses when there is no token. */
  sandbox: Sandbox | null;
  /** The values by their names. */
  values: object;
  /** TypeScript that declares them. */
  declarations: string;
  /** The date of the API, in milliseconds since 1970. */
  date: () => number;
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
 * Makes the values of a session: with a token `api` uses DigitalOcean, without one a sandbox. With a token, the sandbox
 * is loaded on first use.
 * @param wrap wraps the requester of every manager that the session makes
 */
export function createScope(found: FoundToken | null, wrap: (requester: Requester) => Requester): Scope {
  const load = createRequire(__filename);
  const DOApi = sessionDOApi(library.DOApi, wrap);
  let SessionSandbox: typeof Sandbox | null = null;
  const classes = {
    ...Object.fromEntries(CLASSES),
    DOApi,
    get Sandbox() {
      SessionSandbox ??= sessionSandbox(
        (load('../../sandbox') as typeof import('../../sandbox')).Sandbox,
        wrap,
      );
      return SessionSandbox;
    },
  };
  if (found) {
    const { token, endpoint } = found;
    const api = new DOApi({
      token,
      ...(endpoint && !process.env.DIGITALOCEAN_API_URL && { endpoint }),
    });
    return {
      api,
      sandbox: null,
      values: merge({ api }, classes),
      declarations: declarationsOf({ api: 'DOApi' }),
      date: () => Date.now(),
    };
  }
  // A manual clock, so that `.advance` can move it, too.
  const sandbox = new classes.Sandbox({ clock: 'manual' });
  const api = sandbox.api();
  return {
    api,
    sandbox,
    values: merge({ api, sandbox }, classes),
    declarations: declarationsOf({ api: 'DOApi', sandbox: 'Sandbox' }),
    date: () => sandbox.clock.date(),
  };
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
      `declare const ${name}: typeof ${type};`,
      `type ${name}${parameters[0]} = ${type}${parameters[1]};`,
    ];
  };
  return [
    ...CLASSES.flatMap(([name]) => declared(name, home)),
    ...declared('Sandbox', join(home, 'sandbox')),
    // Node's own: the result of the last line, and the last error.
    'declare let _: any, _error: any;',
    ...Object.entries(objects).map(([name, type]) => `declare const ${name}: ${type};`),
  ].join('\n');
}
