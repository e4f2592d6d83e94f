import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as library from '../..';
import type { Sandbox } from '../../sandbox';
import type { FoundToken } from './token-source';

/** What a session begins with. */
export interface Scope {
  api: library.DOApi;
  /** When there is no token: what `api` talks to. */
  sandbox: Sandbox | null;
  /** The values, by the names they have in the session. */
  values: object;
  /** The same in TypeScript, for types and completion. */
  declarations: string;
  /** The date of what `api` talks to, in milliseconds since 1970. */
  date: () => number;
  /** Its time, in milliseconds; monotonic. */
  now: () => number;
}

const CLASSES = Object.entries(library).filter(([, value]) => typeof value === 'function');

/** With a token `api` is DigitalOcean, without one a sandbox. The sandbox is loaded when somebody asks for it. */
export function createScope(found: FoundToken | null): Scope {
  const load = createRequire(__filename);
  const sandboxes = (): typeof import('../../sandbox') =>
    load('../../sandbox') as typeof import('../../sandbox');
  const classes = {
    ...Object.fromEntries(CLASSES),
    get Sandbox() {
      return sandboxes().Sandbox;
    },
  };
  if (found) {
    const { token, endpoint } = found;
    const api = new library.DOApi({
      token,
      ...(endpoint && !process.env.DIGITALOCEAN_API_URL && { endpoint }),
    });
    return {
      api,
      sandbox: null,
      values: within({ api }, classes),
      declarations: declare({ api: 'DOApi' }),
      date: () => Date.now(),
      now: () => performance.now(),
    };
  }
  // Moved by hand, so that `.advance` can hurry it.
  const { Sandbox } = sandboxes();
  const sandbox = new Sandbox({ clock: 'manual' });
  const api = sandbox.api();
  return {
    api,
    sandbox,
    values: within({ api, sandbox }, classes),
    declarations: declare({ api: 'DOApi', sandbox: 'Sandbox' }),
    date: () => sandbox.clock.date(),
    now: () => sandbox.clock.now(),
  };
}

/** One object of both; a getter stays one. */
function within(objects: object, classes: object): object {
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(objects), ...Object.getOwnPropertyDescriptors(classes) },
  );
}

/** A class is a value and a type. */
function declare(objects: Readonly<Record<string, string>>): string {
  const home = join(__dirname, '..', '..');
  const declared = (name: string, path: string): string[] => {
    const type = `import(${JSON.stringify(path)}).${name}`;
    // The arguments of the generic ones are left open.
    const open = ['Listing', 'WaitTimeoutError'].includes(name) ? ['<T = unknown>', '<T>'] : ['', ''];
    return [`declare const ${name}: typeof ${type};`, `type ${name}${open[0]} = ${type}${open[1]};`];
  };
  return [
    ...CLASSES.flatMap(([name]) => declared(name, home)),
    ...declared('Sandbox', join(home, 'sandbox')),
    // What the last line gave, and the last error: Node's own.
    'declare let _: any, _error: any;',
    ...Object.entries(objects).map(([name, type]) => `declare const ${name}: ${type};`),
  ].join('\n');
}
