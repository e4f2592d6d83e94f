const process = require('node:process');

/** What the program is to do. */
module.exports = JSON.parse(process.argv[2]);
