import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** The report of each entry, and what it exports. */
const REPORTS: Readonly<Record<string, string>> = {
  'doapi-ts': 'tools/typedoc/doapi-ts.ts',
  'doapi-ts-redis': 'tools/typedoc/doapi-ts/redis.ts',
  'doapi-ts-sandbox': 'tools/typedoc/doapi-ts/sandbox.ts',
};

/** The warnings that matter are errors of `tsc`, eslint or `npm run docs`; the report is for the names and signatures. */
const QUIET = { default: { logLevel: ExtractorLogLevel.None } };

/** Compares the report of an entry with the surface of the build, and writes it if it may. Whether they were the same. */
function isCurrent(name: string, entry: string, mayWrite: boolean, scratch: string): boolean {
  // The same exports, from the declarations that users get.
  const declarations = join(scratch, `${name}.d.ts`);
  const exported = readFileSync(join(ROOT, entry), 'utf8');
  writeFileSync(
    declarations,
    exported.replace(
      /'(?:\.\.\/)+lib(?:\/([^']*))?'/g,
      (_, path: string | undefined) => `'${join(ROOT, 'dist', path ?? 'index')}'`,
    ),
  );
  const configObject: IConfigFile = {
    projectFolder: ROOT,
    mainEntryPointFilePath: declarations,
    compiler: { overrideTsconfig: { extends: join(ROOT, 'tsconfig.json'), include: [declarations] } },
    apiReport: {
      enabled: true,
      // Classes that the entry does not export have members of those that it does.
      includeForgottenExports: true,
      reportFileName: `${name}.api.md`,
      reportFolder: join(ROOT, 'etc'),
      reportTempFolder: scratch,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    newlineKind: 'lf',
    messages: {
      compilerMessageReporting: {},
      extractorMessageReporting: QUIET,
      tsdocMessageReporting: QUIET,
    },
  };
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, 'package.json'),
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: mayWrite,
    messageCallback: (message) => (message.handled = true),
  });
  return !apiReportChanged;
}

/**
 * `npm run api:check`: whether `etc/` describes the public surface of the build in `dist/`.
 * `npm run api:update`: builds, and writes it.
 */
function main(): void {
  const mayWrite = process.argv.includes('--update');
  mkdirSync(join(ROOT, 'etc'), { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
  const stale = Object.entries(REPORTS).filter(([name, file]) => !isCurrent(name, file, mayWrite, scratch));
  rmSync(scratch, { recursive: true });
  for (const [name] of stale)
    console.error(
      mayWrite
        ? `etc/${name}.api.md: written`
        : `etc/${name}.api.md: the public surface has changed. Run npm run api:update, read the difference, and commit it.`,
    );
  if (!mayWrite && stale.length > 0) process.exitCode = 1;
}

main();
