const process = require('node:process');
const { DOApi } = require(process.env.BENCH_LIBRARY);
const { connectWith } = require('./ours-with.cjs');

exports.connect = connectWith(DOApi);
