import { join } from 'node:path';

/** Somebody who fetches images. */
export interface Client {
  name: string;
  /** Its file in `clients/`. */
  module: string;
  /** The library that `ours` is made of. */
  library: string;
  /** Whether it needs what is installed in `bench/` alone. */
  isPeer: boolean;
  /** What its words and its requests leave out, or add. */
  differs: string;
  nodeArgs?: readonly string[];
}

export const LIBRARY = join(__dirname, '..', '..', 'dist');
export const OURS = 'doapi-ts';
export const RAW = 'axios';

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
    'checked, typed objects; limits, retries, deadline and time-outs on; the limits higher than anybody gets here',
  ),
  client('axios', 'axios.cjs', false, 'as it comes: plain objects, no retries, no limits, no time-out'),
  client('node:http', 'http.cjs', false, 'the floor: connections kept, `JSON.parse`, nothing else'),
  client('fetch', 'fetch.cjs', false, "Node's own; plain objects"),
  client('undici', 'undici.cjs', true, 'its `request`; plain objects'),
  client('dots-wrapper', 'dots-wrapper.cjs', true, 'on axios; plain objects, a time-out of 15 s'),
  client('do-wrapper', 'do-wrapper.cjs', true, 'on got; plain objects, retries switched off by itself'),
  client('digitalocean', 'digitalocean.cjs', true, 'on request, both abandoned; plain objects'),
  client(
    '@digitalocean/dots',
    'digitalocean-dots.mjs',
    true,
    'generated, on Kiota and fetch; objects without checks, retries on; Kiota held at preview.99, since a newer one cannot read an image with a tag',
  ),
];

/** Bare Node, started both ways. */
export const NOTHING = client('node', 'nothing.cjs', false, '');
export const NOTHING_ESM = client('node, ESM', 'nothing.mjs', false, '');
/** What Node takes for the first file of CommonJS that a module imports, whatever is in it. */
export const NOTHING_IMPORTED = client('node, ESM that imports CommonJS', 'nothing-imported.mjs', false, '');
export const OURS_ESM = client(`${OURS}, ESM`, 'ours.mjs', false, '');
export const RAW_ESM = client(`${RAW}, ESM`, 'axios.mjs', false, '');
