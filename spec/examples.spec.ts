import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { cancel } from '../examples/cancel';
import { copyToRegion } from '../examples/copy-to-region';
import { costByRegion, PRICES, reportOf } from '../examples/cost-by-region';
import { goldenRollout, PLAN } from '../examples/golden-rollout';
import { importACustomImage } from '../examples/import-a-custom-image';
import { keepTwelve } from '../examples/keep-twelve';
import { nightlyPrune } from '../examples/nightly-prune';
import { park, parkAndUnpark, unpark } from '../examples/park-and-unpark';
import { resumeAWait } from '../examples/resume-a-wait';
import { snapshotToRegions } from '../examples/snapshot-to-regions';
import { duration, pauseOf } from '../examples/support/run';
import { waitMany } from '../examples/wait-many';
import type { DOApi } from '../lib';
import { Sandbox } from '../lib/sandbox';
import { ROOT } from './support/program';

/** Runs an example on a new sandbox with virtual time. @returns the printed lines */
async function printed(example: (api: DOApi) => Promise<void>, sandbox = new Sandbox()): Promise<string[]> {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  await example(sandbox.api());
  return log.mock.calls.map(([line]) => String(line));
}

const isTransfer = { on: 'POST /v2/images/:id/actions', with: 'errored-action' } as const;

describe('the example', () => {
  it('copy-to-region: the image is in both regions afterwards', async () => {
    const lines = await printed(copyToRegion);
    expect(lines[0]).toBe('web-00-snapshot is in nyc1.');
    expect(lines.at(1)).toMatch(/^\d+ s: in-progress$/);
    expect(lines.at(-2)).toMatch(/: completed$/);
    expect(lines.at(-1)).toBe('web-00-snapshot is in nyc1, fra1.');
  });

  it('copy-to-region: rejects when there is no such image', async () => {
    await expect(printed(copyToRegion, new Sandbox({ images: [] }))).rejects.toThrow('no image of that name');
  });

  it('wait-many: prints one line for each image, also for one that did not arrive', async () => {
    const sandbox = new Sandbox({ actionTime: [30_000, 180_000] });
    sandbox.fail({ ...isTransfer, after: 1, times: 1 });
    const [first, ...lines] = await printed(waitMany, sandbox);
    const count = Number(/^(\d+) images are on their way to tor1\.$/.exec(first ?? '')?.[1]);
    expect(count).toBeGreaterThan(3);
    expect(lines).toHaveLength(count);
    expect(lines.filter((line) => line.endsWith('has arrived.'))).toHaveLength(count - 1);
    expect(lines.filter((line) => line.includes('did not arrive'))).toHaveLength(1);
  });

  it('wait-many: says how many are in progress at its timeout', async () => {
    const lines = await printed(waitMany, new Sandbox({ actionTime: 2 * 60 * 60_000 }));
    expect(lines.at(-1)).toMatch(/^\d+ are still on their way\. Their transfers continue\.$/);
  });

  it('resume-a-wait: resumes the saved wait', async () => {
    const lines = await printed(resumeAWait);
    expect(lines[0]).toMatch(/^Action \d+ is still in progress after 20 s/);
    expect(lines[1]).toMatch(/^Saved: \d+ characters of JSON\.$/);
    expect(lines[2]).toMatch(/^Action \d+ is completed; it took .+\.$/);
    expect(lines[3]).toBe('web-00-snapshot has arrived.');
  });

  it('resume-a-wait: saves nothing of a transfer that has completed', async () => {
    const lines = await printed(resumeAWait, new Sandbox({ actionTime: 1_000 }));
    expect(lines).toEqual(['Saved: 2 characters of JSON.']);
  });

  it('import-a-custom-image: prints the status from NEW to available, and why another import failed', async () => {
    const lines = await printed(importACustomImage);
    expect(lines[0]).toMatch(/^Image \d+ is NEW\.$/);
    expect(lines).toContain('20 s: pending');
    expect(lines.at(-2)).toBe('ubuntu-24.04-minimal is available in nyc3.');
    expect(lines.at(-1)).toMatch(
      /^The import of image \d+ \(nowhere\) failed: Could not download the image from https:/,
    );
  });

  /** Ten snapshots of one Droplet, one of each day. */
  const tenNights = (): Sandbox => {
    const images = Array.from({ length: 10 }, (_, index) => ({
      id: 100 + index,
      name: `web-${index}`,
      type: 'snapshot',
      regions: ['nyc1'],
      created_at: `2025-11-${11 + index}T03:00:00Z`,
    }));
    const base = { id: 1, slug: 'ubuntu', public: true, regions: ['nyc1'] };
    const droplet = { id: 10, region: 'nyc1', image: 1, snapshot_ids: images.map(({ id }) => id) };
    return new Sandbox({ images: [base, ...images], droplets: [droplet] });
  };

  it('nightly-prune: is a dry run by default', async () => {
    const sandbox = tenNights();
    const lines = await printed(nightlyPrune, sandbox);
    expect(lines[0]).toMatch(
      /^Delete 2 of 10 images .*, keep 8\. Policy: last 1, daily 7, .*, by droplet, nothing younger than 36h, of images with type snapshot\.\n/,
    );
    expect(lines.at(-1)).toBe('This was a dry run: nothing was deleted. --apply deletes.');
    expect(new Set(sandbox.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('nightly-prune: deletes when it is told to, and tells what it did not', async () => {
    const sandbox = tenNights();
    sandbox.fail({ on: 'DELETE /v2/images/101', with: 403 });
    const before = process.exitCode;
    const lines = await printed((api) => nightlyPrune(api, { apply: true }), sandbox);
    expect(lines[1]).toBe('Deleted 1 of 2 images.');
    expect(lines[2]).toMatch(/^web-1 \(101\): failed DELETE /);
    expect(process.exitCode).toBe(1);
    process.exitCode = before;
    expect(sandbox.images).toHaveLength(1 + 9);
  });

  it('cancel: aborts the wait, not the transfer', async () => {
    const listeners = process.listenerCount('SIGINT');
    const lines = await printed(cancel);
    expect(lines.slice(0, -2)).toEqual([5, 10, 15].map((seconds) => `${seconds} s: still on its way`));
    expect(lines.at(-2)).toBe('The wait ended: three polls are enough.');
    expect(lines.at(-1)).toMatch(/^Action \d+ continues: in-progress\.$/);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });

  it('snapshot-to-regions: takes a snapshot with the Droplet off, and brings it to three regions', async () => {
    const sandbox = new Sandbox();
    const lines = await printed(snapshotToRegions, sandbox);
    expect(lines).toEqual(['ams3', 'sgp1', 'syd1'].map((region) => `golden in ${region}: completed`));
    expect(sandbox.images.find(({ name }) => name === 'golden')?.regions.slice(1)).toEqual([
      'ams3',
      'sgp1',
      'syd1',
    ]);
    expect(sandbox.droplets.find(({ name }) => name === 'web-1')?.status).toBe('active');
  });

  it('snapshot-to-regions: has at most fifteen lines of code', () => {
    const code = readFileSync(join(ROOT, 'examples/snapshot-to-regions.ts'), 'utf8')
      .replace(/\/\*.*?\*\//gs, '')
      .split('\n');
    expect(code.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15);
  });

  it('snapshot-to-regions: rejects when there is no such Droplet', async () => {
    await expect(printed(snapshotToRegions, new Sandbox({ droplets: 0 }))).rejects.toThrow('no Droplet');
  });

  const parked = { id: 7, name: 'db-1', region: 'fra1', size_slug: 's-1vcpu-2gb', tags: ['db', 'env:prod'] };

  it('park-and-unpark: destroys the Droplet and creates it again', async () => {
    const lines = await printed(parkAndUnpark);
    expect(lines[0]).toBe('web-1 is parked as parked-web-1: 2.34 GB.');
    expect(lines[1]).toMatch(/^web-1 is active in nyc1 at 203\.0\.113\.\d+\.$/);
  });

  it('park-and-unpark: keeps name, size, region and tags, not the address', async () => {
    const sandbox = new Sandbox({ images: 20, droplets: [parked] });
    const api = sandbox.api();
    const before = await api.fetchDroplet(7);
    await park(before);
    expect(sandbox.droplets).toEqual([]);
    const after = await unpark(api, 'db-1');
    const kept = ['name', 'sizeSlug', 'tags', 'disk', 'memory'] as const;
    expect(kept.map((field) => after[field])).toEqual(kept.map((field) => before[field]));
    expect(String(after.region)).toBe('fra1');
    expect(after.publicIPv4).not.toBe(before.publicIPv4);
  });

  it('park-and-unpark: unparks from the newest snapshot, and says when there is none', async () => {
    const sandbox = new Sandbox({ images: 20, droplets: [parked] });
    const api = sandbox.api();
    await park(await api.fetchDroplet(7));
    const second = await park(await unpark(api, 'db-1'));
    expect((await unpark(api, 'db-1')).image?.id).toBe(second.id);
    await expect(unpark(api, 'db-2')).rejects.toThrow('There is no parked Droplet db-2.');
  });

  it('golden-rollout: prints the image, its regions and the Droplets', async () => {
    const sandbox = new Sandbox();
    const pause = pauseOf(sandbox.clock);
    const lines = await printed(async (api) => {
      await goldenRollout(api, PLAN, pause);
    }, sandbox);
    expect(lines[0]).toMatch(/^203\.0\.113\.\d+: the software is installed\.$/);
    expect(lines[1]).toMatch(/^Image \d+ is web-v7\.$/);
    expect(lines.slice(2, 5)).toEqual(['nyc3: present', 'ams3: completed', 'sgp1: completed']);
    expect(lines[5]).toMatch(/^web-v7-nyc3 is active at 203\.0\.113\.\d+\.$/);
    expect(lines).toHaveLength(8);
  });
});

describe('the example cost-by-region', () => {
  const sizes = [
    { id: 1, type: 'snapshot', size_gigabytes: 10, regions: ['nyc1', 'fra1', 'sgp1'] },
    { id: 2, type: 'custom', size_gigabytes: 2.5, regions: ['fra1'] },
    { id: 3, type: 'backup', size_gigabytes: 40, regions: ['nyc1'] },
  ];
  const sandbox = new Sandbox({ images: sizes, droplets: 0 });

  it('prints gigabytes and cost of each region, and the sum', async () => {
    expect(await printed(costByRegion, sandbox)).toEqual([
      'nyc1: $0.60 a month, 50.00 GB, images: 2',
      'fra1: $0.15 a month, 12.50 GB, images: 2',
      'sgp1: $0.00 a month, 10.00 GB, images: 1',
      'All: $0.75 a month, images: 3',
    ]);
  });

  it('charges an image once, whatever its regions, at the prices that it is given', async () => {
    const images = await sandbox.api().fetchAllPrivateImages().toArray();
    const costOf = (prices: typeof PRICES): number =>
      reportOf(images, prices).reduce((sum, { cost }) => sum + cost, 0);
    expect(costOf({ snapshot: 1, custom: 10 })).toBe(10 + 25);
    expect(costOf({})).toBe(0);
    expect(reportOf([], PRICES)).toEqual([]);
  });

  it('counts an image whose size is not known yet, without cost', () => {
    const image = sandbox.api().image({ id: 4, type: 'snapshot', size_gigabytes: null, regions: ['nyc1'] });
    expect(reportOf([image], PRICES)).toEqual([{ region: 'nyc1', images: 1, gigabytes: 0, cost: 0 }]);
  });
});

describe('the example keep-twelve', () => {
  /** Two Droplets with snapshots, the newest ones last. */
  async function sandboxWith(counts: readonly number[]): Promise<Sandbox> {
    const droplets = counts.map((_, index) => ({ id: index + 1, name: `web-${index + 1}` }));
    const base = { id: 9, slug: 'debian-13-x64', public: true, distribution: 'Debian' };
    const sandbox = new Sandbox({ images: [base], droplets });
    for (const droplet of await sandbox.api().fetchAllDroplets().toArray())
      for (let night = 1; night <= (counts[droplet.id - 1] ?? 0); night++)
        await droplet.takeSnapshot({ name: `${droplet.name}-night-${night}` });
    return sandbox;
  }
  const nights = ({ images }: Sandbox): string[] =>
    images.flatMap(({ name }) => (name.includes('night') ? [name] : []));

  it('shows what it would delete, and deletes nothing', async () => {
    const sandbox = await sandboxWith([14, 3]);
    const lines = await printed(keepTwelve, sandbox);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^delete .*web-1-night-2 /m);
    expect(nights(sandbox)).toHaveLength(17);
  });

  it('deletes the oldest of the Droplet that has more than twelve', async () => {
    const sandbox = await sandboxWith([14, 3]);
    const before = nights(sandbox);
    const lines = await printed((api) => keepTwelve(api, true), sandbox);
    expect(lines.slice(1)).toEqual(['web-1-night-2: deleted', 'web-1-night-1: deleted']);
    const gone = ['web-1-night-1', 'web-1-night-2'];
    expect(nights(sandbox)).toEqual(before.filter((name) => !gone.includes(name)));
  });
});

describe('duration', () => {
  it('is in seconds, or from a minute on in minutes and seconds', () => {
    expect([0, 999, 59_400, 60_000, 164_000].map(duration)).toEqual([
      '0 s',
      '1 s',
      '59 s',
      '1 min 0 s',
      '2 min 44 s',
    ]);
  });
});
