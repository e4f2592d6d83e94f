/**
 * The order of the specs. Jest starts those first that took longest the last time; in a clean clone it knows no times and starts
 * the largest files first, and a short file with many cases would run at the end, alone. Here those with many cases begin.
 */
const { readFileSync } = require('node:fs');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Whether no time is known, and the spec takes samples of many cases or runs all of them. */
const isLong = ({ duration, path }) =>
  duration === undefined && readFileSync(path, 'utf8').includes("support/scale'");

module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const long = new Set(sorted.filter(isLong));
    return [...long, ...sorted.filter((test) => !long.has(test))];
  }
};
