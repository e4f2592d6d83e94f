import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../package.json';
import { ROOT } from './support/program';

/** What package-lock.json says about an installed package. */
interface Locked {
  version?: string;
  integrity?: string;
  dev?: boolean;
  devOptional?: boolean;
  hasInstallScript?: boolean;
}

const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const { '': own, ...installed } = packages;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 13);
const ordinal = (version: string): number[] => version.split('-', 1)[0]?.split('.').map(Number) ?? [];

/** Whether `version` is not lower than `floor`; a version before a release is none. */
function isFrom(floor: string, version: string): boolean {
  const [wanted, given] = [ordinal(floor), ordinal(version)];
  const at = wanted.findIndex((part, place) => part !== given[place]);
  return !version.includes('-') && (at === -1 || Number(given[at]) > Number(wanted[at]));
}

/** The lowest version that a range lets in: of `1.2.3`, `^1.2.3`, `~1.2.3` and `>=1.2.3`; `null` for any other. */
const lowest = (range: string): string | null =>
  /^(?:[\^~]|>=)?(\d+\.\d+\.\d+)$/.exec(range.trim())?.[1] ?? null;

/** Below these there are known holes; in these there was malware. */
const FLOORS = { axios: '1.21.0', 'follow-redirects': '1.16.0', 'form-data': '4.0.6' };
const POISONED = ['axios@1.14.1', 'axios@0.30.4'];
const NEVER = ['plain-crypto-js'];

const entries = Object.entries(installed).map(([path, locked]) => ({
  path,
  name: nameOf(path),
  version: '',
  ...locked,
}));
const production = entries.filter(({ dev, devOptional }) => dev !== true && devOptional !== true);
const named = (wanted: string): typeof entries => entries.filter(({ name }) => name === wanted);

describe('comparing versions', () => {
  it.each([
    ['1.21.0', '1.21.0', true],
    ['1.21.0', '1.21.1', true],
    ['1.21.0', '2.0.0', true],
    ['1.21.0', '1.9.9', false],
    ['1.21.0', '0.30.4', false],
    ['1.21.0', '1.21.0-beta.1', false],
  ])('from %s on, %s: %s', (floor, version, expected) => {
    expect(isFrom(floor, version)).toBe(expected);
  });
});

describe('what is installed', () => {
  it('is what package.json asks for', () => {
    expect(own).toMatchObject({ version: manifest.version, dependencies: manifest.dependencies });
    for (const [name, version] of Object.entries(manifest.dependencies))
      expect([name, installed[`node_modules/${name}`]?.version]).toEqual([name, lowest(version)]);
  });

  it.each(Object.entries(FLOORS))('has %s from %s on, wherever it is', (name, floor) => {
    expect(named(name).length).toBeGreaterThan(0);
    expect(named(name).filter(({ version }) => !isFrom(floor, version))).toEqual([]);
  });

  it('has nothing that is known to be poisoned', () => {
    expect(entries.filter(({ name, version }) => POISONED.includes(`${name}@${version}`))).toEqual([]);
    expect(NEVER.flatMap(named)).toEqual([]);
  });

  it('is what was published: everything has its checksum', () => {
    expect(entries.length).toBeGreaterThan(300);
    expect(entries.filter(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
  });
});

describe('what a user gets', () => {
  it('runs nothing when it is installed: no dependency has an install script, nor have we', () => {
    expect(production.map(({ name }) => name)).toEqual(
      expect.arrayContaining(Object.keys(manifest.dependencies)),
    );
    expect(production.filter(({ hasInstallScript }) => hasInstallScript === true)).toEqual([]);
    const own = ['preinstall', 'install', 'postinstall', 'prepare'];
    expect(own.filter((script) => script in manifest.scripts)).toEqual([]);
  });

  it('never has less than the floor of axios, whatever else asks for it', () => {
    expect(isFrom(FLOORS.axios, lowest(manifest.dependencies.axios) ?? '0.0.0')).toBe(true);
  });

  it('is exact: no release that we have not seen comes in', () => {
    for (const range of Object.values(manifest.dependencies)) expect(range).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('`npm ci --ignore-scripts`', () => {
  // The packages with install scripts, all of them tools, have what they would fetch or build as packages of its own.
  const READY_MADE = {
    '@parcel/watcher': '@parcel/watcher-',
    esbuild: '@esbuild/',
    'unrs-resolver': '@unrs/resolver-binding-',
  };

  it('is enough: what has an install script brings ready-made binaries along', () => {
    const scripted = entries.filter(({ hasInstallScript }) => hasInstallScript === true);
    for (const { name, dev } of scripted) {
      expect([name, dev]).toEqual([name, true]);
      const prefix: string | undefined = (READY_MADE as Record<string, string>)[name];
      expect([name, prefix]).toEqual([name, expect.any(String)]);
      expect(entries.some((other) => other.name.startsWith(String(prefix)))).toBe(true);
    }
  });
});
