/**
 * For each name of its arguments: loads the library, sets this property of Object.prototype, and sends the first request, which
 * loads axios. Prints what each transfer gave.
 */
import type * as Library from '../../../lib';

const action = { id: 7, status: 'in-progress', type: 'transfer', region_slug: 'fra1', resource_id: 5 };
const adapter = (): Promise<Library.TransportResponse> =>
  Promise.resolve({ status: 201, headers: {}, body: JSON.stringify({ action }) });

/* eslint-disable @typescript-eslint/no-require-imports -- loaded again and again */
function load(): typeof Library {
  for (const path of Object.keys(require.cache))
    if (/\/lib\/|\/node_modules\/(?!typescript)/.test(path)) Reflect.deleteProperty(require.cache, path);
  return require('../../../lib') as typeof Library;
}
/* eslint-enable @typescript-eslint/no-require-imports */

async function main(): Promise<void> {
  const results: string[] = [];
  for (const name of process.argv.slice(2)) {
    const { DOApi } = load();
    const api = new DOApi({ token: 'a-token-of-a-test', retries: 0, transport: { adapter } });
    const property = { value: 'polluted', configurable: true, writable: true, enumerable: true };
    Object.defineProperty(Object.prototype, name, property);
    const result = await api
      .image(5)
      .transfer('fra1')
      .then(({ id }) => `action ${id}`, String);
    Reflect.deleteProperty(Object.prototype, name);
    results.push(`${name}: ${result}`);
  }
  process.stdout.write(results.join('\n'), () => process.exit());
}

void main();
