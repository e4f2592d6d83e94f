const process = require('node:process');
const { TestEnvironment } = require('jest-environment-node');

/** The change that a spec has noticed already. */
let noticed;

/** One failed spec is enough: the others are skipped until Stryker makes the next change. Jest has no such option here. */
module.exports = class FailFast extends TestEnvironment {
  handleTestEvent(event) {
    const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
    if (mutant === undefined) return;
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') noticed = mutant;
    if (event.name === 'test_start' && noticed === mutant) event.test.mode = 'skip';
  }
};
