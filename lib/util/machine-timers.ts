import { performance } from 'node:perf_hooks';
import * as timers from 'node:timers';

// Bound when this module is loaded. The fake timers of a test replace the globals and the functions of `node:timers`
// later; code that looked them up at the time of a call would stand still with them.

/** The machine's timers, also while a test fakes them. */
export const { setTimeout, clearTimeout, setImmediate, clearImmediate } = timers;

/** Monotonic time since an arbitrary moment, in milliseconds. */
export const monotonicNow: () => number = performance.now.bind(performance);

/** Milliseconds since 1970. */
export const dateNow: () => number = Date.now.bind(Date);

/** The class `Date`. A test that replaces the global replaces what `instanceof` and `new` mean, for itself only. */
export const MachineDate = Date;
