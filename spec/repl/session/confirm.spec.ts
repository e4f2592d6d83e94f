import { beforeEach, describe, expect, it } from '@jest/globals';
import { confirmer } from '../../../lib/repl/session/confirm';
import { Evaluation } from '../../../lib/repl/session/evaluation';
import type { Input } from '../../../lib/repl/session/input';
import { questionOf } from '../../../lib/repl/session/question';
import type { SessionChange } from '../../../lib/repl/session/session-client';
import { Declined } from '../../../lib/repl/show/explain-error';
import { painter } from '../../../lib/repl/show/style';

const nameOf = (id: number): string | null => (id === 5 ? 'web-00' : null);

describe('the question before a change', () => {
  it.each<[SessionChange['method'], string, unknown, string]>([
    ['DELETE', '/v2/images/5', undefined, 'Delete web-00 (5), in all regions and for good?'],
    ['DELETE', '/v2/images', { ids: [5, 6] }, 'Delete 2 images, in all regions and for good?'],
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
      'Add the tag blue to web-00 (5), droplet 7?',
    ],
    [
      'DELETE',
      '/v2/tags/blue/resources',
      { resources: [{ resource_id: '6', resource_type: 'image' }] },
      'Remove the tag blue from image 6?',
    ],
    ['DELETE', '/v2/tags/blue/resources', null, 'Remove the tag blue from undefined?'],
    ['DELETE', '/v2/tags/blue', undefined, 'Send DELETE /v2/tags/blue?'],
    [
      'POST',
      '/v2/droplets/3/actions',
      { type: 'snapshot' },
      'Take a snapshot of Droplet 3 (charged per GB and month)?',
    ],
    ['POST', '/v2/droplets/3/actions', { type: 'reboot' }, 'Start reboot on Droplet 3?'],
    ['POST', '/v2/droplets', { name: 'x' }, 'Send POST /v2/droplets?'],
    ['PUT', '/v2/images/5/x', { name: 'x' }, 'Send PUT /v2/images/5/x?'],
  ])('words %s %s with %j', (method, path, body, question) => {
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
