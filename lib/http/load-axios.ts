import type { AxiosStatic } from 'axios';
import type * as AxiosModule from 'axios/dist/browser/axios.cjs';

/** What axios asks for while it is loaded, for its own adapters. */
const UNUSED_GLOBALS = ['FormData', 'ReadableStream', 'Request', 'Response'];

/** axios, as {@link loadAxios} loads it. */
export const axios: AxiosStatic = loadAxios();

/**
 * Loads axios, in the build without its adapters for Node: they are not used here and take as long to load as everything else.
 * Node makes {@link UNUSED_GLOBALS} when something asks for them, from a second HTTP client that takes four times as long to
 * load as axios. So while axios is loaded, which is synchronous, they are `undefined`.
 */
function loadAxios(): AxiosStatic {
  const hidden = UNUSED_GLOBALS.flatMap((name) => {
    const property = Object.getOwnPropertyDescriptor(globalThis, name);
    // One that has a value was made already, by Node or by a test.
    return property?.get && property.configurable ? [[name, property] as const] : [];
  });
  const nothing = { __proto__: null, value: undefined, configurable: true } as PropertyDescriptor;
  for (const [name] of hidden) Object.defineProperty(globalThis, name, nothing);
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would be hoisted above the lines before it
    return (require('axios/dist/browser/axios.cjs') as typeof AxiosModule).default;
  } finally {
    for (const [name, property] of hidden) Object.defineProperty(globalThis, name, property);
  }
}
