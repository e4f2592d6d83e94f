// The example of a rollout as a process of its own, in the fast time of a sandbox that listens. Its argument is the speed.
import { goldenRollout, PLAN } from '../../examples/golden-rollout';
import { pauseOf } from '../../examples/support/run';
import { DOApi } from '../../lib';
import { RunningClock } from '../../lib/sandbox/clock/running-clock';

const clock = new RunningClock({ speed: Number(process.argv[2]), now: 0 });
// The machine is no faster than ever, so an attempt needs more of this time.
const api = new DOApi({ clock, waitInterval: 10_000, timeout: 3_600_000, deadline: Infinity });
goldenRollout(api, PLAN, pauseOf(clock)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
