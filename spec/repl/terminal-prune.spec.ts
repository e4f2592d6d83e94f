import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Listening, Sandbox } from '../../lib/sandbox';
import { KEY } from '../../tools/support/terminal';
import { open, terminal, TIMEOUT } from './sessions';

const image = (id: number, name: string): object => ({
  ...{ id, name, type: 'snapshot', regions: ['nyc1'], size_gigabytes: 2.5 },
  created_at: `2025-11-0${id}T03:00:00Z`,
});

describe('pruning in a session with a token', () => {
  let sandbox: Sandbox;
  let listening: Listening;

  beforeEach(async () => {
    const images = [1, 2, 3, 4, 5, 6].map((id) => image(id, `web-${id}`));
    sandbox = new Sandbox({ images, droplets: 0 });
    listening = await sandbox.listen();
  });
  afterEach(() => listening.close());

  const openReal = (...args: string[]): Promise<unknown> =>
    open(['--js', ...args], {
      columns: 120,
      env: { DIGITALOCEAN_TOKEN: listening.token, DIGITALOCEAN_API_URL: listening.url },
    });
  const ids = (): number[] => sandbox.images.map(({ id }) => id);
  const changes = (): string[] =>
    sandbox.requests.flatMap(({ method, path }) => (method === 'GET' ? [] : [`${method} ${path}`]));

  it(
    'shows the plan as a table, asks once with count and size, and shows the outcomes',
    async () => {
      await openReal();
      expect(await terminal.line('.prune')).toMatch(/^TypeError: Make a plan first: \.plan 3 keeps/);
      // A plan that fails does not leave the one before it for .prune.
      await terminal.line('.plan 1');
      sandbox.fail({ on: 'GET /v2/images', with: 'status', status: 403, times: 1 });
      expect(await terminal.line('.plan 2')).toMatch(/^PermissionDeniedError/);
      expect(await terminal.line('.prune')).toMatch(/^TypeError: Make a plan first/);
      const table = await terminal.line('.plan last=2 groupBy=prefix');
      expect(table).toMatch(/^ +id +name +reason +created \(UTC\) +GB +group\n/);
      expect(table).toMatch(/^delete +4 +web-4 .* 2025-11-04 03:00 +2\.5 +web$/m);
      expect(table).toMatch(/^keep +6 +web-6 +last 1 /m);
      expect(table).toMatch(/Deletes 4 of 6 images \(10 GB\), keeps 2\.$/);
      expect(await terminal.line('_.delete.length')).toBe('4');

      terminal.keys(`.prune${KEY.enter}`);
      await terminal.until(
        /^Delete 4 images \(10 GB\) in all regions: web-4 \(4\), web-3 \(3\), web-2 \(2\) and 1 more\? This cannot be undone\. \[y\/N\/a\]/m,
      );
      expect(changes()).toEqual([]);
      terminal.keys(`n${KEY.enter}`);
      await terminal.until(/Nothing was sent\.\ndigitalocean> ?$/);
      expect(ids()).toHaveLength(6);

      terminal.keys(`.prune${KEY.enter}`);
      await terminal.until(/(cannot be undone\.[^]*){2}\[y\/N\/a\] ?$/);
      terminal.keys(KEY.ctrlC);
      await terminal.until(/(Nothing was sent\.[^]*){2}\ndigitalocean> ?$/);

      terminal.keys(`.prune${KEY.enter}`);
      await terminal.until(/(cannot be undone\.[^]*){3}\[y\/N\/a\] ?$/);
      terminal.keys(`y${KEY.enter}`);
      const shown = await terminal.until(/4 items\ndigitalocean> ?$/);
      expect(shown).toMatch(/Deleted 4 of 4 images \(10 GB\)\.\n *id +name +outcome\n *4 +web-4 +deleted\n/);
      expect(shown.match(/cannot be undone/g)).toHaveLength(3);
      expect(ids()).toEqual([5, 6]);
      expect(changes()).toHaveLength(4);
    },
    TIMEOUT,
  );

  it(
    'ends with Ctrl-C: nothing more is deleted, and what was done is shown',
    async () => {
      sandbox.fail({ on: 'DELETE /v2/images/:id', with: 'stall-before-execution', after: 2 });
      await openReal();
      await terminal.line('.plan 1');
      terminal.keys(`.prune${KEY.enter}`);
      await terminal.until(/\[y\/N\/a\] ?$/);
      terminal.keys(`y${KEY.enter}`);
      await terminal.until(/^█+░+ {2}2 of 5 images, last web-\d deleted$/m);
      terminal.keys(KEY.ctrlC);
      const shown = await terminal.until(/5 items\ndigitalocean> ?$/);
      expect(shown).toContain('Deleted 2 of 5 images (5 GB). 3 cancelled. .prune continues.');
      expect(shown.match(/^ +\d +web-\d +cancelled/gm)).toHaveLength(3);
      // Those that were under way may have been carried out.
      expect(
        shown.match(/ cancelled +Ended by Ctrl-C\. What DigitalOcean has started continues\.$/gm),
      ).toHaveLength(3);
      expect(shown).not.toMatch(/^Ended by/m);
      expect(ids()).toHaveLength(4);
      sandbox.heal();
      expect(await terminal.line('1 + 1')).toBe('2');
      expect(ids()).toHaveLength(4);
    },
    TIMEOUT,
  );

  it(
    'ends with Ctrl-C while the account is read: nothing is deleted',
    async () => {
      await openReal();
      await terminal.line('.plan 1');
      sandbox.fail({ on: 'GET /v2/droplets', with: 'stall-before-execution' });
      terminal.keys(`.prune${KEY.enter}`);
      await terminal.until(/\[y\/N\/a\] ?$/);
      terminal.keys(`y${KEY.enter}`);
      await terminal.until(() =>
        sandbox.requests.some(({ path, executed }) => path === '/v2/droplets' && !executed),
      );
      terminal.keys(KEY.ctrlC);
      const shown = await terminal.until(/5 items\ndigitalocean> ?$/);
      expect(shown).toContain('Deleted 0 of 5 images (0 GB). 5 cancelled. .prune continues.');
      expect(changes()).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'is refused before the question while the session is read-only, as is every change',
    async () => {
      await openReal('--read-only');
      await terminal.until(/^digitalocean read-only> ?$/m);
      await terminal.line('.plan 1');
      expect(await terminal.line('.prune')).toMatch(
        /^ReadOnlyError: DELETE http.*\/v2\/images: not sent,[^]*\.readonly off/,
      );
      expect(await terminal.line('await api.image(1).delete()')).toMatch(/^ReadOnlyError: DELETE/);
      expect(await terminal.line("await api.image(1).replicate(['fra1'])")).toMatch(/^ReadOnlyError: POST/);
      expect(await terminal.line('await _.apply()')).toMatch(/^ReadOnlyError: DELETE/);
      expect(await terminal.line("await new DOApi().request('/v2/tags', { method: 'POST' })")).toMatch(
        /^ReadOnlyError: POST/,
      );
      expect(terminal.text).not.toContain('[y/N/a]');
      expect(changes()).toEqual([]);

      await terminal.line('.readonly off');
      await terminal.until(/Not read-only: changes can be sent\.\ndigitalocean> ?$/);
      terminal.keys(`await api.image(1).delete()${KEY.enter}`);
      await terminal.until(/for good\? \[y\/N\/a\] ?$/);
      terminal.keys(`y${KEY.enter}`);
      await terminal.until(/y\ndigitalocean> ?$/);
      expect(changes()).toEqual(['DELETE /v2/images/1']);
      expect(await terminal.line('.readonly on')).toBe('Read-only: nothing but GET and HEAD is sent.');
      expect(await terminal.line('.readonly')).toBe('Read-only: nothing but GET and HEAD is sent.');
      expect(await terminal.line('.readonly perhaps')).toBe('TypeError: Usage: .readonly on, .readonly off');
      expect(terminal.text).toMatch(/digitalocean read-only> ?$/);
    },
    TIMEOUT,
  );
});
