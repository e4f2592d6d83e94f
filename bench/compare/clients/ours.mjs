// As `import` gets it: the same CommonJS build.
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import oursWith from './ours-with.cjs';

const { DOApi } = await import(pathToFileURL(`${process.env.BENCH_LIBRARY}/index.js`).href);

export const connect = oursWith.connectWith(DOApi);
