import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { goldenRollout, PLAN } from '../../examples/golden-rollout';
import { pauseOf } from '../../examples/support/run';
import { DOApi, type TransportAdapter } from '../../lib';
import { Sandbox, type SandboxOptions } from '../../lib/sandbox';
import { forEachConcurrently } from '../../lib/util/concurrency';
import { type Ended, runProgram } from '../support/program';
import { scaled } from '../support/scale';

/** Seconds of the sandbox in a second of a process. */
const SPEED = 300;

/** How many crashes are tried at the same time: a rollout waits most of the time. */
const TOGETHER = 6;

/** What there is after a rollout, whatever happened on the way. */
const COMPLETE = {
  images: [[...PLAN.regions].sort()],
  droplets: ['web-v7-ams3 ams3 active', 'web-v7-nyc3 nyc3 active', 'web-v7-sgp1 sgp1 active'],
  // The Droplet that was snapshotted is the fourth.
  made: ['create', 'create', 'create', 'create', 'snapshot', 'transfer ams3', 'transfer sgp1'],
};

const KINDS: readonly string[] = ['create', 'snapshot', 'transfer'];

/** The state of the account as far as the rollout is concerned, and all that was made for it. */
function stateOf(sandbox: Sandbox): typeof COMPLETE {
  const { version } = PLAN;
  const own = sandbox.images.filter(({ name }) => name === version);
  const droplets = sandbox.droplets.filter(({ name }) => name.startsWith(version));
  const actions = sandbox.actions.filter(({ type }) => KINDS.includes(type));
  return {
    images: own.map(({ regions }) => [...regions].sort()),
    droplets: droplets.map(({ name, region, status }) => `${name} ${region.slug} ${status}`).sort(),
    made: actions
      .map(({ type, region_slug: region }) => (type === 'transfer' ? `${type} ${String(region)}` : type))
      .sort(),
  };
}

/** Short actions need few polls, but a snapshot outlasts the pause of a run. There is one image to begin with, and no history. */
function sandboxWith(options: SandboxOptions = {}): Sandbox {
  return new Sandbox({
    images: [
      { id: 1, slug: PLAN.base, public: true, type: 'base', regions: [...PLAN.regions], min_disk_size: 25 },
    ],
    droplets: 0,
    actionTime: ({ type }) => (type === 'snapshot' ? 120_000 : 8_000),
    ...options,
  });
}

type Moment = 'before' | 'after';

/** A moment of a run: before or after its nth request is carried out. */
interface Crash {
  request: number;
  moment: Moment;
}

/** Every moment of a run of so many requests; of a sample the first, the last, and one in each `step` between them. */
function crashesIn(requests: number, step: number): Crash[] {
  const all = Array.from({ length: requests }, (_, index) =>
    (['before', 'after'] as const).map((moment) => ({ request: index + 1, moment })),
  ).flat();
  return all.filter((_, index) => index % step === 0 || index === all.length - 1);
}

/** Kills a process at one of its requests. */
class Kill {
  #child: ChildProcess | undefined;
  #requests = 0;

  constructor(readonly crash: Crash) {}

  arm(child: ChildProcess, sandbox: Sandbox): void {
    this.#child = child;
    // Nothing is sent back: the process is dead before it could know more.
    const fault = `stall-${this.crash.moment}-execution` as const;
    sandbox.fail({ with: fault, after: this.crash.request - 1, times: 1 });
  }

  onRequest(): void {
    if (++this.#requests === this.crash.request) this.#child?.kill('SIGKILL');
  }
}

beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});

describe('golden-rollout on a virtual clock', () => {
  /** Runs the rollout. From the crash on, nothing is sent, and nothing arrives. @returns the error, if there is one */
  async function roll(sandbox: Sandbox, crash?: Crash): Promise<unknown> {
    const start = sandbox.requests.length;
    const never = new Promise<never>(() => undefined);
    let end = (): void => undefined;
    const crashed = new Promise<void>((resolve) => (end = resolve));
    let isDead = false;
    const adapter: TransportAdapter = async (request) => {
      const isLast = sandbox.requests.length - start + 1 === crash?.request;
      if (isDead || isLast) {
        if (!isDead && crash?.moment === 'after') await sandbox.adapter(request);
        isDead = true;
        end();
        return never;
      }
      const response = await sandbox.adapter(request);
      return response;
    };
    const { token, clock } = sandbox;
    const api = new DOApi({ token, endpoint: 'https://api.digitalocean.com', clock, transport: { adapter } });
    const run = goldenRollout(api, PLAN, pauseOf(clock)).then(
      () => undefined,
      (error: unknown) => error,
    );
    const error = await Promise.race([run, crashed]);
    await api.close();
    return error;
  }

  it('builds one image, brings it to all regions, and creates a Droplet in each', async () => {
    const sandbox = sandboxWith();
    expect(await roll(sandbox)).toBeUndefined();
    expect(stateOf(sandbox)).toEqual(COMPLETE);
  });

  it('changes nothing when it has been done already, and does not pause', async () => {
    const sandbox = sandboxWith();
    await roll(sandbox);
    sandbox.clearRequests();
    const before = sandbox.clock.now();
    expect(await roll(sandbox)).toBeUndefined();
    expect(new Set(sandbox.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(sandbox.clock.now() - before).toBeLessThan(1_000);
  });

  it.each([
    ['lists that are current', 0],
    ['lists that lag by a minute', { lists: 60_000 }],
    ['lists that lag by a minute, items by five seconds', { lists: 60_000, items: 5_000 }],
  ] as const)(
    'reaches the same state after a crash at any request, with %s',
    async (_, lag) => {
      const whole = sandboxWith({ lag });
      expect(await roll(whole)).toBeUndefined();
      const crashes = crashesIn(whole.requests.length, scaled(1, 7));
      const failed: unknown[] = [];
      await forEachConcurrently(crashes, TOGETHER, async (crash) => {
        const sandbox = sandboxWith({ lag });
        await roll(sandbox, crash);
        const error = await roll(sandbox);
        const state = stateOf(sandbox);
        if (error !== undefined || JSON.stringify(state) !== JSON.stringify(COMPLETE))
          failed.push({ crash, error, state });
      });
      expect(failed).toEqual([]);
      expect(crashes.length).toBeGreaterThan(10);
    },
    120_000,
  );
});

describe('golden-rollout as a process', () => {
  /** Runs the program, and kills it at the crash. */
  async function roll(sandbox: Sandbox, env: Readonly<Record<string, string>>, kill?: Kill): Promise<Ended> {
    return runProgram('spec/examples/rollout-program.ts', {
      args: [String(SPEED)],
      env,
      onStart: (child) => kill?.arm(child, sandbox),
    });
  }

  it(
    'reaches the same state after SIGKILL at any request',
    async () => {
      const whole = await start();
      expect(await roll(whole.sandbox, whole.env)).toMatchObject({ code: 0, errors: '' });
      await whole.close();
      expect(stateOf(whole.sandbox)).toEqual(COMPLETE);
      const crashes = crashesIn(whole.sandbox.requests.length, scaled(1, 40));
      await forEachConcurrently(crashes, TOGETHER, async (crash) => {
        const kill = new Kill(crash);
        const { sandbox, env, close } = await start(kill);
        const killed = await roll(sandbox, env, kill);
        // The number of polls is not always the same: the run may have ended before.
        const code = sandbox.requests.length < crash.request ? 0 : null;
        expect({ crash, ...killed }).toMatchObject({ crash, code, errors: '' });
        const again = await roll(sandbox, env);
        await close();
        expect({ crash, ...again, ...stateOf(sandbox) }).toMatchObject({
          crash,
          code: 0,
          errors: '',
          ...COMPLETE,
        });
      });
      expect(crashes.length).toBeGreaterThan(2);
    },
    20 * 60_000,
  );

  async function start(
    kill?: Kill,
  ): Promise<{ sandbox: Sandbox; env: Record<string, string>; close: () => Promise<void> }> {
    const sandbox = sandboxWith({ speed: SPEED, onRequest: () => kill?.onRequest() });
    const { url, token, close } = await sandbox.listen();
    return { sandbox, env: { DIGITALOCEAN_API_URL: url, DIGITALOCEAN_TOKEN: token }, close };
  }
});
