const process = require('node:process');
const { TestEnvironment } = require('jest-environment-node');

/** The mutant that a spec has noticed. */
let noticed;

/** Skips all tests after the first failure until Stryker tests the next mutant. Jest's `bail` stops between files only. */
module.exports = class FailFast extends TestEnvironment {
  handleTestEvent(event) {
    const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
    if (mutant === undefined) return;
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') noticed = mutant;
    if (event.name === 'test_start' && noticed === mutant) event.test.mode = 'skip';
  }
};
