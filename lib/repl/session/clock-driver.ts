import type { Sandbox } from '../../sandbox';

/** How often the clock of a sandbox is moved, in milliseconds. */
const TICK = 50;

/** Lets the clock of a sandbox run `speed` times as fast as real time. It can be moved besides. */
export function driveClock(sandbox: Sandbox, speed: number): void {
  let last = performance.now();
  let moving = false;
  setInterval(() => {
    if (moving) return;
    const now = performance.now();
    moving = true;
    void sandbox.advance((now - last) * speed).finally(() => (moving = false));
    last = now;
  }, TICK);
}
