import { beforeEach, describe, expect, it } from '@jest/globals';
import { confirmer } from '../../../lib/repl/session/confirm';
import { Evaluation } from '../../../lib/repl/session/evaluation';
import type { Input } from '../../../lib/repl/session/input';
import { questionOf } from '../../../lib/repl/questions/question';
import type { NameOf } from '../../../lib/repl/questions/question-words';
import type { SessionChange } from '../../../lib/repl/session/session-client';
import { Declined } from '../../../lib/repl/show/explain-error';
import { painter } from '../../../lib/repl/show/style';

const nameOf: NameOf = (kind, id) => (id === '5' ? { image: 'web-00', droplet: 'web-1' }[kind] : null);

describe('the question before a change', () => {
  it.each<[SessionChange['method'], string, unknown, string]>([
    ['DELETE', '/v2/images/5', undefined, 'Delete web-00 (5), in all regions and for good?'],
    ['DELETE', '/v2/images/6', undefined, 'Delete image 6, in all regions and for good?'],
    ['POST', '/v2/images/5/actions', { type: 'transfer', region: 'sgp1' }, 'Copy web-00 (5) to sgp1?'],
    [
      'POST',
      '/v2/images/5/actions',
      { type: 'transfer', region: ['sgp1', 'lon1'] },
      'Copy web-00 (5) to sgp1, lon1?',
    ],
    [
      'POST',
      '/v2/images/5/actions',
      { type: 'convert' },
      'Convert web-00 (5) to a snapshot (charged per GB and month)?',
    ],
    ['POST', '/v2/images/5/actions', { type: 'rotate' }, 'Start rotate on web-00 (5)?'],
    ['POST', '/v2/images/5/actions', undefined, 'Start undefined on web-00 (5)?'],
    ['PUT', '/v2/images/5', { name: 'a', description: 'b' }, 'Change name, description of web-00 (5)?'],
    [
      'POST',
      '/v2/images',
      { name: 'mine', region: 'nyc1', url: 'https://example.com/?secret' },
      'Import mine into nyc1 (charged per GB and month)?',
    ],
    [
      'POST',
      '/v2/images/5/account_transfer',
      { recipient_email: 'bob@example.com' },
      'Offer web-00 (5) to bob@example.com? Once accepted, it leaves this account: a move, not a copy.',
    ],
    [
      'POST',
      '/v2/images/5/account_transfer',
      { recipient_uuid: 'a-b' },
      'Offer web-00 (5) to a-b? Once accepted, it leaves this account: a move, not a copy.',
    ],
    [
      'POST',
      '/v2/images/6/account_transfer/accept',
      { transfer_id: 7 },
      'Accept image 6 (charged per GB and month)?',
    ],
    ['POST', '/v2/images/5/account_transfer/cancel', { transfer_id: 7 }, 'End the offer of web-00 (5)?'],
    ['POST', '/v2/images/5/account_transfer/decline', { transfer_id: 7 }, 'End the offer of web-00 (5)?'],
    ['POST', '/v2/tags', { name: 'blue' }, 'Create the tag blue?'],
    [
      'POST',
      '/v2/tags/blue/resources',
      {
        resources: [
          { resource_id: '5', resource_type: 'image' },
          { resource_id: '7', resource_type: 'droplet' },
        ],
      },
      'Add the tag blue to web-00 (5), Droplet 7?',
    ],
    [
      'DELETE',
      '/v2/tags/blue/resources',
      { resources: [{ resource_id: '6', resource_type: 'image' }] },
      'Remove the tag blue from image 6?',
    ],
    ['DELETE', '/v2/tags/blue/resources', null, 'Remove the tag blue from undefined?'],
    ['DELETE', '/v2/tags/blue', undefined, 'Send DELETE /v2/tags/blue?'],
    ['PUT', '/v2/images/5/x', { name: 'x' }, 'Send PUT /v2/images/5/x?'],
    ['DELETE', '/v2/snapshots/5', undefined, 'Delete snapshot web-00 (5), in all regions and for good?'],
    [
      'DELETE',
      '/v2/snapshots/fbe805e8-866b-11e6-96bf-000f53315a41',
      undefined,
      'Delete snapshot fbe805e8-866b-11e6-96bf-000f53315a41, in all regions and for good?',
    ],
  ])('words %s %s with %j', (method, path, body, question) => {
    expect(questionOf({ method, path, body, idempotent: false }, nameOf)).toBe(question);
  });

  it.each<[object, string]>([
    [{ ids: [5] }, 'Delete image (1.2 GB) in all regions: web-00 (5)? This cannot be undone.'],
    [{ ids: [5, 6] }, 'Delete 2 images (3.5 GB) in all regions: web-00 (5), image 6? This cannot be undone.'],
    [
      { ids: [4, 5, 6, 7, 8] },
      'Delete 5 images (3.5 GB) in all regions: image 4, web-00 (5), image 6 and 2 more? This cannot be undone.',
    ],
    [{ ids: 'x' }, 'Send DELETE /v2/images?'],
  ])('counts the images of a plan and their gigabytes: %j', (body, question) => {
    const sizes = new Map([
      ['5', 1.2],
      ['6', 2.3],
    ]);
    const change = { method: 'DELETE', path: '/v2/images', body, idempotent: false } as const;
    expect(questionOf(change, nameOf, (id) => sizes.get(id) ?? null)).toBe(question);
  });

  it.each<[object, string]>([
    [{ type: 'snapshot', name: 'x' }, 'Take a snapshot of Droplet web-1 (5) (charged per GB and month)?'],
    [
      { type: 'snapshot', name: 'golden', reuse: true },
      'Take a snapshot of Droplet web-1 (5), unless it has one named golden, (charged per GB and month)?',
    ],
    [
      { type: 'snapshot', name: 'x', power_off: true },
      'Shut Droplet web-1 (5) down, take a snapshot and turn it on again (charged per GB and month)?',
    ],
    [{ type: 'rebuild', image: 5 }, 'Wipe the disk of Droplet web-1 (5) and install web-00 (5)?'],
    [
      { type: 'rebuild', image: 'debian-13-x64' },
      'Wipe the disk of Droplet web-1 (5) and install debian-13-x64?',
    ],
    [{ type: 'restore', image: 7 }, 'Wipe the disk of Droplet web-1 (5) and put image 7 back?'],
    [{ type: 'power_on' }, 'Turn Droplet web-1 (5) on?'],
    [
      { type: 'power_off' },
      'Turn Droplet web-1 (5) off at once, without a shutdown (charged also while off)?',
    ],
    [{ type: 'power_cycle' }, 'Turn Droplet web-1 (5) off and on at once, without a shutdown?'],
    [{ type: 'shutdown' }, 'Shut Droplet web-1 (5) down (charged also while off)?'],
    [{ type: 'reboot' }, 'Reboot Droplet web-1 (5)?'],
    [{ type: 'resize', size: 's-2vcpu-4gb' }, 'Resize Droplet web-1 (5) to s-2vcpu-4gb (changes the price)?'],
    [
      { type: 'resize', size: 's-2vcpu-4gb', disk: true },
      'Resize Droplet web-1 (5) and its disk, which cannot shrink again, to s-2vcpu-4gb (changes the price)?',
    ],
    [{ type: 'enable_backups' }, 'Turn on backups of Droplet web-1 (5) (charged in addition)?'],
    [{ type: 'disable_backups' }, 'Turn off backups of Droplet web-1 (5) and delete those that exist?'],
    [{ type: 'rename', name: 'db' }, 'Rename Droplet web-1 (5) to db?'],
    [{ type: 'password_reset' }, 'Start password_reset on Droplet web-1 (5)?'],
    [{ type: 'constructor' }, 'Start constructor on Droplet web-1 (5)?'],
  ])('words the action of a Droplet %j', (body, question) => {
    const path = '/v2/droplets/5/actions';
    expect(questionOf({ method: 'POST', path, body, idempotent: false }, nameOf)).toBe(question);
  });

  it.each<[SessionChange['method'], string, object | undefined, string]>([
    [
      'DELETE',
      '/v2/droplets/5',
      undefined,
      'Delete Droplet web-1 (5) with all backups, for good (snapshots stay, and stay charged)?',
    ],
    [
      'DELETE',
      '/v2/droplets?tag_name=web%3Aold',
      undefined,
      'Delete all Droplets with the tag web:old with all backups, for good (snapshots stay, and stay charged)?',
    ],
    ['DELETE', '/v2/droplets?tag_name=a&x=b', undefined, 'Send DELETE /v2/droplets?tag_name=a&x=b?'],
    [
      'POST',
      '/v2/droplets/actions?tag_name=web',
      { type: 'reboot' },
      'Reboot all Droplets with the tag web?',
    ],
    [
      'POST',
      '/v2/droplets',
      { name: 'web-1', region: 'fra1', size: 's-1vcpu-1gb', image: 'debian-13-x64' },
      'Create Droplet web-1 from debian-13-x64 in fra1 of size s-1vcpu-1gb (charged until deleted, also while off)?',
    ],
    [
      'POST',
      '/v2/droplets',
      { names: ['a', 'b', 'c', 'd', 'e'], region: 'fra1', size: 's-1vcpu-1gb', image: 5, backups: true },
      'Create 5 Droplets, a, b, c and 2 more, from web-00 (5) in fra1 of size s-1vcpu-1gb with backups, which are charged in addition (charged until deleted, also while off)?',
    ],
    ['POST', '/v2/droplets', { name: 'x' }, 'Create Droplet x (charged until deleted, also while off)?'],
  ])('words %s %s of Droplets with %j', (method, path, body, question) => {
    expect(questionOf({ method, path, body, idempotent: false }, nameOf)).toBe(question);
  });
});

describe('a confirmation', () => {
  let evaluation: Evaluation;
  let written: string;
  let keys: string[];
  let confirm: (change: SessionChange) => Promise<void>;

  const change = (path: string, idempotent = false): SessionChange => ({
    method: idempotent ? 'DELETE' : 'POST',
    path,
    body: undefined,
    idempotent,
  });
  const questions = (): string[] => written.match(/Send \w+ \S+\?/g) ?? [];

  beforeEach(() => {
    evaluation = new Evaluation();
    written = '';
    keys = [];
    const input: Pick<Input, 'isRaw' | 'keys'> = {
      isRaw: false,
      keys: () => Promise.resolve(keys.shift() ?? '\r'),
    };
    confirm = confirmer({
      input: () => input,
      evaluation,
      screen: { colours: false, paint: painter(false), columns: 80, rows: 24 },
      print: (text) => (written += text),
      nameOf,
      gigabytesOf: () => null,
    });
    evaluation.begin();
  });

  it.each([['y\r'], ['YES\r'], ['all\r'], ['a\n']])('is given by %j', async (answer) => {
    keys = [answer];
    await confirm(change('/v2/a'));
    expect(written).toBe('Send POST /v2/a? [y/N/a] ');
  });

  it.each([['\r'], ['n\r'], ['no\r'], ['yeah\r'], ['y\u0003']])('is refused by %j', async (answer) => {
    keys = [answer];
    await expect(confirm(change('/v2/a'))).rejects.toThrow(Declined);
  });

  it('is asked for one change after another, until one is answered with a', async () => {
    keys = ['y\r', 'n\r', 'a\r'];
    const all = await Promise.allSettled(
      ['/v2/a', '/v2/b', '/v2/c', '/v2/d'].map((path) => confirm(change(path))),
    );
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(questions()).toEqual(['Send POST /v2/a?', 'Send POST /v2/b?', 'Send POST /v2/c?']);
  });

  it('is for one line', async () => {
    keys = ['a\r', 'n\r'];
    await confirm(change('/v2/a'));
    evaluation.end();
    evaluation.begin();
    await expect(confirm(change('/v2/a'))).rejects.toThrow(Declined);
  });

  it('holds within a line for the same change, when repeating it changes nothing more', async () => {
    keys = ['y\r', 'y\r', 'y\r', 'n\r'];
    await confirm(change('/v2/a', true));
    await confirm(change('/v2/a', true));
    await confirm(change('/v2/b', true));
    await confirm(change('/v2/c'));
    await expect(confirm(change('/v2/c'))).rejects.toThrow(Declined);
    expect(questions()).toHaveLength(4);
    evaluation.end();
    evaluation.begin();
    keys = ['n\r'];
    await expect(confirm(change('/v2/a', true))).rejects.toThrow(Declined);
  });

  it('shows nothing that could control the terminal', async () => {
    keys = ['y\r'];
    await confirm(change('/v2/\u001b[2Ja'));
    expect(written).toBe('Send POST /v2/ [2Ja? [y/N/a] ');
  });
});
