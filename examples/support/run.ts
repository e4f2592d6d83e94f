import type { DOApi } from '../../lib';
import { Sandbox, type SandboxOptions } from '../../lib/sandbox';

/** A sandbox in which a minute takes a second, so that waiting can be watched. */
export function quickSandbox(options: SandboxOptions = {}): Sandbox {
  return new Sandbox({ clock: 'real', speed: 60, ...options });
}

/** Runs an example; what it throws is printed as a user would see it. */
export function run(example: (api: DOApi) => Promise<void>, sandbox = quickSandbox()): void {
  example(sandbox.api()).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}

/** Seconds and minutes, for people. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
