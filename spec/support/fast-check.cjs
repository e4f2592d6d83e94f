/** fast-check; with `CASE_SEED` in the environment its random cases are the same each time. Jest loads it in place of the package. */
const process = require('node:process');
const fc = require('../../node_modules/fast-check/lib/cjs/fast-check.js');

const seed = process.env.CASE_SEED;
if (seed) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });

module.exports = fc;
