import { dirname, join } from 'node:path';
import { Action, DOApi, Image, Region } from '..';
import { Sandbox } from '../sandbox';

/** What a session begins with. */
export interface Scope {
  /** The values, by the names they have in the session. */
  values: object;
  /** The same in TypeScript, for types and completion. */
  declarations: string;
  /** What `api` talks to, in a sentence. */
  greeting: string;
}

const CLASSES = { DOApi, Image, Action, Region, Sandbox };

/** With a token in the environment `api` is DigitalOcean, without one a sandbox in which a minute takes a second. */
export function createScope(): Scope {
  const { DIGITALOCEAN_TOKEN, DIGITALOCEAN_ACCESS_TOKEN } = process.env;
  const hasToken = [DIGITALOCEAN_TOKEN, DIGITALOCEAN_ACCESS_TOKEN].some((token) => token?.trim());
  return hasToken ? live() : rehearsal();
}

function live(): Scope {
  const api = new DOApi();
  return {
    values: { api, ...CLASSES },
    declarations: declare({ api: 'DOApi' }),
    greeting: `api talks to ${api.endpoint} with your token.`,
  };
}

function rehearsal(): Scope {
  const sandbox = new Sandbox({ clock: 'real', speed: 60 });
  return {
    values: { api: sandbox.api(), sandbox, ...CLASSES },
    declarations: declare({ api: 'DOApi', sandbox: 'Sandbox' }),
    greeting: 'No token in DIGITALOCEAN_TOKEN, so api talks to a sandbox, where a minute takes a second.',
  };
}

/** A class is a value and a type. */
function declare(objects: Readonly<Record<string, keyof typeof CLASSES>>): string {
  const library = dirname(__dirname);
  const classes = Object.keys(CLASSES).flatMap((name) => {
    const path = name === 'Sandbox' ? join(library, 'sandbox') : library;
    const type = `import(${JSON.stringify(path)}).${name}`;
    return [`declare const ${name}: typeof ${type};`, `type ${name} = ${type};`];
  });
  return [
    ...classes,
    ...Object.entries(objects).map(([name, type]) => `declare const ${name}: ${type};`),
  ].join('\n');
}
