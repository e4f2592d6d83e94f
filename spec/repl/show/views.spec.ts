import { beforeAll, describe, expect, it } from '@jest/globals';
import { type DOApi, Droplet, LookupError, Snapshot, WaitTimeoutError } from '../../../lib';
import { explain } from '../../../lib/repl/show/explain-error';
import { Printer } from '../../../lib/repl/show/printer';
import { painter, type Screen } from '../../../lib/repl/show/style';
import { Sandbox } from '../../../lib/sandbox';

const sandbox = new Sandbox({
  images: [
    { id: 5, name: 'golden', regions: ['fra1', 'ams3', 'sgp1'], min_disk_size: 25, size_gigabytes: 2.345 },
  ],
  droplets: [
    { id: 11, name: 'web-1', image: 5, region: 'fra1', tags: ['blue'], snapshot_ids: [5] },
    { id: 12, name: 'web-2', image: 5, region: 'fra1', status: 'off', networks: { v4: [], v6: [] } },
  ],
});
const api: DOApi = sandbox.api();
const screenOf = (columns: number): Screen => ({ colours: false, paint: painter(false), columns, rows: 24 });
const shown = (value: unknown, columns = 120): string[] =>
  new Printer(screenOf(columns), () => sandbox.clock.date())
    .show(value)
    .split('\n')
    .map((line) => line.trimEnd());

describe('Droplets', () => {
  let droplets: Droplet[];
  beforeAll(async () => {
    droplets = await api.fetchAllDroplets().toArray();
  });

  it('are a table with what tells them apart first', () => {
    expect(shown(droplets)).toEqual([
      'id  name   status  size         region  address      image   age  tags',
      expect.stringMatching(
        /^11 {2}web-1 {2}active {2}s-1vcpu-1gb {2}fra1 {4}203\.0\.113\.1 {2}golden {2}1 y {2}blue$/,
      ),
      expect.stringMatching(/^12 {2}web-2 {2}off {5}s-1vcpu-2gb {2}fra1 {17}golden {2}1 y$/),
      '2 items',
    ]);
  });

  it('lose their last columns in a narrow terminal, not their names', () => {
    expect(shown(droplets, 20).slice(0, 2)).toEqual(['id  name   status', '11  web-1  active']);
  });

  it('have an address of IPv6 where there is no other, and say that they are locked', () => {
    const v6 = [{ ip_address: '2001:db8::7', netmask: 64, gateway: null, type: 'public' }];
    const created = api.droplet({ id: 13, name: 'a', status: 'new', locked: true, networks: { v4: [], v6 } });
    expect(shown([created])[1]).toBe('13  a     new locked  2001:db8::7');
  });

  it('are one block each, with all addresses', () => {
    const block = shown(droplets[0]);
    expect(block[0]).toBe('Droplet {');
    expect(block).toContain('  networks     10.128.0.1 private, 203.0.113.1 public, 2001:db8::1 public');
    expect(block).toContain('  region       fra1');
    expect(block).toContain('  image        5');
    expect(shown({ droplets })[0]).toBe(
      '{ droplets: [ Droplet { 11 web-1 active }, Droplet { 12 web-2 off } ] }',
    );
  });
});

describe('snapshots', () => {
  it('are a table with what they are of', async () => {
    const [header, first] = shown(await api.fetchAllSnapshots({ resourceType: 'droplet' }).toArray());
    expect(header).toMatch(/^id {2}name {4}of {10}/);
    expect(header?.split(/ {2,}/)).toEqual(['id', 'name', 'of', 'regions', 'age', 'GB', 'min. disk']);
    expect(first?.trim()).toMatch(/^5 {2}golden {2}droplet 11 {2}fra1 ams3 \+1 {2}.* {2}2\.3 +25$/);
  });

  it('are one block each', async () => {
    const [snapshot] = await api.fetchAllSnapshots().toArray();
    expect(snapshot).toBeInstanceOf(Snapshot);
    expect(shown(snapshot)).toEqual(expect.arrayContaining(['Snapshot {', '  resourceType   droplet', '}']));
  });
});

describe('the hint of an error', () => {
  const hint = (error: Error): string => explain(error, screenOf(120)).split('\n').at(-1)?.trim() ?? '';
  const timeout = (last: unknown[]): Error => new WaitTimeoutError('It', last, 1_000, 1);

  it('names the method that waits again, if there is one', () => {
    const again = 'It is still in progress. Wait again: await _error.inProgress[0].';
    expect(hint(timeout([api.action(5)]))).toBe(`${again}wait()`);
    expect(hint(timeout([api.image(5)]))).toBe(`${again}waitUntilAvailable()`);
    expect(hint(timeout([api.droplet(5)]))).toBe(`${again}waitUntilActive()`);
    expect(hint(timeout([]))).toBe('It is still in progress. .actions lists the actions.');
  });

  it('names the candidates of a look-up', () => {
    expect(hint(new LookupError('x', []))).toBe('Those that it may be are in _error.candidates.');
  });
});
