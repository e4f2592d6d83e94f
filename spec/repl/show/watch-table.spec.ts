import { describe, expect, it } from '@jest/globals';
import type { Action } from '../../../lib';
import { painter, type Screen } from '../../../lib/repl/show/style';
import { widthOf } from '../../../lib/repl/show/text-layout';
import { WatchTable } from '../../../lib/repl/show/watch-table';
import { Sandbox } from '../../../lib/sandbox';

const api = new Sandbox({ images: 0 }).api();
const START = Date.parse('2026-01-01T00:00:00Z');
const screen: Screen = { colours: false, paint: painter(false), columns: 80, rows: 12 };

const action = (id: number, fields: object = {}): Action =>
  api.action({
    id,
    status: 'in-progress',
    type: 'transfer',
    started_at: '2026-01-01T00:00:00Z',
    completed_at: null,
    resource_id: 5,
    resource_type: 'image',
    region_slug: 'fra1',
    ...fields,
  });

const tableOf = (now: number): WatchTable =>
  new WatchTable(screen, {
    date: () => START + now,
    typicalLength: () => 60_000,
    resourceOf: ({ resourceType, resourceId }) => `${resourceType} ${resourceId}`,
  });

describe('the table of actions in progress', () => {
  it('has each with its resource, region, age and progress, which is never full', () => {
    const table = tableOf(65_000);
    table.update([action(7), action(8, { type: 'snapshot', resource_type: 'droplet', started_at: null })]);
    expect(table.text(80).split('\n')).toEqual(
      [
        'type      of         region      age  progress      action',
        'transfer  image 5    fra1    1 min 5 s  ████████░░░░       7',
        'snapshot  droplet 5  fra1          0 s  ░░░░░░░░░░░░       8',
      ].map((line, row) =>
        row === 0 ? expect.stringMatching(/^type +of +region +age +progress +action$/) : line,
      ),
    );
    const late = tableOf(Number.MAX_SAFE_INTEGER / 1e6);
    late.update([action(7)]);
    expect(late.text(80)).toContain('█');
  });

  it('gives up those that have ended, with a line for each', () => {
    const table = tableOf(0);
    expect(table.update([action(7), action(8), action(9, { status: 'completed' })])).toEqual([]);
    const ended = table.update([
      action(7, { status: 'completed', completed_at: '2026-01-01T00:01:05Z' }),
      action(8, { status: 'errored' }),
    ]);
    expect(ended.map((one) => table.endedLine(one))).toEqual([
      '✔ transfer of image 5 (fra1)  completed after 1 min 5 s',
      '✖ transfer of image 5 (fra1)  errored',
    ]);
    expect(table.actions).toEqual([]);
    expect(table.text(80)).toBe('No action is in progress. Ctrl-C ends the watch.');
  });

  it('fits any screen', () => {
    const table = tableOf(3_600_000);
    table.update(Array.from({ length: 30 }, (_, id) => action(id + 1)));
    for (const columns of [20, 40, 79]) {
      const lines = table.text(columns).split('\n');
      expect(lines.length).toBeLessThanOrEqual(screen.rows - 3);
      expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
      expect(lines.at(-1)).toBe('… and 24 more');
    }
  });
});
