import type { Clock, DOApi } from '../../lib';
import { Sandbox, type SandboxOptions } from '../../lib/sandbox';

/** A sandbox in which a minute takes a second. */
export function quickSandbox(options: SandboxOptions = {}): Sandbox {
  return new Sandbox({ clock: 'real', speed: 60, ...options });
}

/** Runs an example and prints its error as a user would see it. */
export function run(example: (api: DOApi) => Promise<void>, sandbox = quickSandbox()): void {
  example(sandbox.api()).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}

/** A pause on a clock, such as that of a sandbox. */
export function pauseOf(clock: Clock): (ms: number) => Promise<void> {
  return (ms) => new Promise((resolve) => clock.after(ms, resolve));
}

/** Formats milliseconds as seconds, or as minutes and seconds. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
