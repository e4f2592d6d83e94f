import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../package.json';
import { ROOT } from './support/program';

/** An entry of package-lock.json. */
interface Locked {
  version?: string;
  dependencies?: Record<string, string>;
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

/** Whether `version` is at least `floor`; a prerelease is not. */
function isFrom(floor: string, version: string): boolean {
  const [wanted, given] = [ordinal(floor), ordinal(version)];
  const at = wanted.findIndex((part, place) => part !== given[place]);
  return !version.includes('-') && (at === -1 || Number(given[at]) > Number(wanted[at]));
}

/** The lowest version of a caret range such as `^1.2.3`; `null` for any other range. */
const lowest = (range = ''): string | null => /^\^(\d+\.\d+\.\d+)$/.exec(range)?.[1] ?? null;

/** Whether a caret range admits a version: not lower, and without a change of the first part that is not 0. */
function admits(range: string, version: string): boolean {
  const floor = lowest(range);
  if (floor === null || !isFrom(floor, version)) return false;
  const [wanted, given] = [ordinal(floor), ordinal(version)];
  const fixed = wanted.findIndex((part) => part > 0);
  return wanted.slice(0, fixed + 1).every((part, place) => part === given[place]);
}

/** Lower versions have known vulnerabilities. */
const FLOORS = { axios: '1.21.0', 'follow-redirects': '1.16.0', 'form-data': '4.0.6' };
/** Releases with malware. */
const MALICIOUS = ['axios@1.14.1', 'axios@0.30.4'];
const NEVER = ['plain-crypto-js'];

const entries = Object.entries(installed).map(([path, locked]) => ({
  path,
  name: nameOf(path),
  version: '',
  ...locked,
}));
const production = entries.filter(({ dev, devOptional }) => dev !== true && devOptional !== true);
const named = (wanted: string): typeof entries => entries.filter(({ name }) => name === wanted);

const ranges = Object.entries(manifest.dependencies);

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

  it.each([
    ['^1.21.1', '1.21.1', true],
    ['^1.21.1', '1.99.0', true],
    ['^1.21.1', '1.21.0', false],
    ['^1.21.1', '2.0.0', false],
    ['^1.21.1', '1.22.0-beta.1', false],
    ['^0.5.1', '0.5.9', true],
    ['^0.5.1', '0.6.0', false],
    ['>=1.0.0', '1.0.0', false],
  ])('%s admits %s: %s', (range, version, expected) => {
    expect(admits(range, version)).toBe(expected);
  });
});

describe('what is installed', () => {
  it('is what package.json declares', () => {
    const { version, dependencies, devDependencies, peerDependencies } = manifest;
    expect(own).toMatchObject({ version, dependencies, devDependencies, peerDependencies });
    for (const [name, range] of ranges) {
      const { version = '' } = installed[`node_modules/${name}`] ?? {};
      expect([name, version, admits(range, version)]).toEqual([name, version, true]);
    }
  });

  it('is exact in the lockfile, and for development tools in package.json as well', () => {
    const isExact = (version: string): boolean => /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);
    expect(entries.filter(({ version }) => !isExact(version))).toEqual([]);
    // A second version of a package has a name of its own: `npm:redis@5.12.1`.
    const tools = Object.values(manifest.devDependencies).map((version) =>
      version.replace(/^npm:[^@]+@/, ''),
    );
    expect(tools.filter((version) => !isExact(version))).toEqual([]);
  });

  it.each(Object.entries(FLOORS))('has %s from %s on, in every copy', (name, floor) => {
    expect(named(name).length).toBeGreaterThan(0);
    expect(named(name).filter(({ version }) => !isFrom(floor, version))).toEqual([]);
  });

  it('contains no release that is known to be malicious', () => {
    expect(entries.filter(({ name, version }) => MALICIOUS.includes(`${name}@${version}`))).toEqual([]);
    expect(NEVER.flatMap(named)).toEqual([]);
  });

  it('is what was published: every entry has a checksum', () => {
    expect(entries.length).toBeGreaterThan(300);
    expect(entries.filter(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
  });
});

describe('what a user gets', () => {
  it('runs no script on installation: neither a dependency nor this package has an install script', () => {
    expect(production.map(({ name }) => name)).toEqual(
      expect.arrayContaining(Object.keys(manifest.dependencies)),
    );
    expect(production.filter(({ hasInstallScript }) => hasInstallScript === true)).toEqual([]);
    const own = ['preinstall', 'install', 'postinstall', 'prepare'];
    expect(own.filter((script) => script in manifest.scripts)).toEqual([]);
  });

  it('is declared as caret ranges: fixes are admitted, breaking releases are not', () => {
    expect(ranges.filter(([, range]) => lowest(range) === null)).toEqual([]);
  });

  it.each(Object.entries(FLOORS))(
    'never has %s below %s, whatever npm chooses within the ranges',
    (name, floor) => {
      const declared = production.concat({ path: '', name: '', version: '', ...own }).flatMap((entry) => {
        const range = entry.dependencies?.[name];
        return range === undefined ? [] : [range];
      });
      expect(declared.length).toBeGreaterThan(0);
      for (const range of declared)
        expect([range, isFrom(floor, lowest(range) ?? '0.0.0')]).toEqual([range, true]);
    },
  );

  it('admits no release that is known to be malicious', () => {
    for (const [name, range] of ranges)
      for (const malicious of MALICIOUS)
        expect([
          range,
          malicious.startsWith(`${name}@`) && admits(range, malicious.slice(name.length + 1)),
        ]).toEqual([range, false]);
  });
});

describe('`npm ci --ignore-scripts`', () => {
  /** Development tools with install scripts, and the packages with their prebuilt binaries. */
  const PREBUILT = {
    '@parcel/watcher': '@parcel/watcher-',
    esbuild: '@esbuild/',
    'msgpackr-extract': '@msgpackr-extract/msgpackr-extract-',
    'unrs-resolver': '@unrs/resolver-binding-',
  };

  it('is enough: every package with an install script has prebuilt binaries', () => {
    const scripted = entries.filter(({ hasInstallScript }) => hasInstallScript === true);
    for (const { name, dev } of scripted) {
      expect([name, dev]).toEqual([name, true]);
      const prefix: string | undefined = (PREBUILT as Record<string, string>)[name];
      expect([name, prefix]).toEqual([name, expect.any(String)]);
      expect(entries.some((other) => other.name.startsWith(String(prefix)))).toBe(true);
    }
  });
});

describe('`npm run sbom`', () => {
  it('lists what a user gets, each package with its version, its licence and its checksum', () => {
    const text = execFileSync('npm', ['run', '--silent', 'sbom'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const { bomFormat, components } = JSON.parse(text) as {
      bomFormat: string;
      components: { name: string; version: string; licenses?: unknown[]; hashes?: unknown[] }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    const namesOf = (list: readonly { name: string; version: string }[]): string[] =>
      list.map(({ name, version }) => `${name}@${version}`).sort();
    expect(namesOf(components)).toEqual(namesOf(production));
    expect(components.filter(({ licenses, hashes }) => !licenses?.length || !hashes?.length)).toEqual([]);
  }, 60_000);
});
