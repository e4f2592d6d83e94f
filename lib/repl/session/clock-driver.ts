import type { Sandbox } from '../../sandbox';

/** How often a sandbox is told that time has passed, in milliseconds. */
const BEAT = 50;

/** Lets the time of a sandbox pass by itself, so many times as fast as ours. Its clock can be moved besides. */
export function driveClock(sandbox: Sandbox, speed: number): void {
  let last = performance.now();
  let moving = false;
  setInterval(() => {
    if (moving) return;
    const now = performance.now();
    moving = true;
    void sandbox.advance((now - last) * speed).finally(() => (moving = false));
    last = now;
  }, BEAT);
}
