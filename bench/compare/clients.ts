import { join } from 'node:path';

/** A client that is measured. */
export interface Client {
  name: string;
  /** Its file in `clients/`. */
  module: string;
  /** The build of the library that `ours` loads. */
  library: string;
  /** Whether it is installed in `bench/` only. */
  isPeer: boolean;
  /** How it differs from the others. */
  differs: string;
  nodeArgs?: readonly string[];
}

export const LIBRARY = join(__dirname, '..', '..', 'dist');
export const OURS = 'doapi-ts';
export const RAW = 'axios';
/** The same build under another name: what it differs by from itself is noise. */
export const AGAIN = `${OURS} again`;

const client = (name: string, module: string, isPeer: boolean, differs: string): Client => ({
  name,
  module,
  isPeer,
  differs,
  library: LIBRARY,
});

export const CLIENTS: readonly Client[] = [
  client(
    OURS,
    'ours.cjs',
    false,
    'validated, typed objects; retries, deadline and timeouts on; rate limits higher than the benchmark reaches',
  ),
  client(AGAIN, 'ours.cjs', false, 'the same build: what it differs by is the noise of the run'),
  client(
    'axios',
    'axios.cjs',
    false,
    'default options: plain objects, no retries, no rate limit, no timeout',
  ),
  client('node:http', 'http.cjs', false, 'the minimum: keep-alive and `JSON.parse`'),
  client('fetch', 'fetch.cjs', false, "Node's own; plain objects"),
  client('undici', 'undici.cjs', true, 'its `request`; plain objects'),
  client('dots-wrapper', 'dots-wrapper.cjs', true, 'on axios; plain objects, a timeout of 15 s'),
  client('do-wrapper', 'do-wrapper.cjs', true, 'on got; plain objects, disables retries'),
  client('digitalocean', 'digitalocean.cjs', true, 'on request, both abandoned; plain objects'),
  client(
    '@digitalocean/dots',
    'digitalocean-dots.mjs',
    true,
    'generated, on Kiota and fetch; objects without validation, retries on; Kiota at preview.99, since later versions cannot read an image with a tag',
  ),
];

/** Node alone, started with CommonJS and with an ES module. */
export const NOTHING = client('node', 'nothing.cjs', false, '');
export const NOTHING_ESM = client('node, ESM', 'nothing.mjs', false, '');
/** Node with an ES module that imports an empty CommonJS file. */
export const NOTHING_IMPORTED = client('node, ESM that imports CommonJS', 'nothing-imported.mjs', false, '');
export const OURS_ESM = client(`${OURS}, ESM`, 'ours.mjs', false, '');
export const RAW_ESM = client(`${RAW}, ESM`, 'axios.mjs', false, '');
