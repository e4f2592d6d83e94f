const process = require('node:process');

/** The arguments of the program, as JSON. */
module.exports = JSON.parse(process.argv[2]);
