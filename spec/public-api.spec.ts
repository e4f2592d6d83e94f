import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import ts from 'typescript';
import { Census } from './support/census';
import { exportsOf, programOf, ROOT, sourcesUnder } from './support/modules';

/** The exports of the package. A new name is part of the public API: add it here only on purpose. */
const CLASSES = [
  'Action',
  'ActionError',
  'AuthenticationError',
  'ClosedError',
  'ConnectionError',
  'CreateDropletsError',
  'DOApi',
  'DOApiError',
  'Droplet',
  'DropletCreationError',
  'Image',
  'ImageImportError',
  'ImageOffer',
  'Listing',
  'LookupError',
  'NotFoundError',
  'PermissionDeniedError',
  'PrunePlan',
  'RateLimitError',
  'ReadOnlyError',
  'RedirectError',
  'Region',
  'ResponseError',
  'ServerError',
  'Snapshot',
  'TimeoutError',
  'UnexpectedResponseError',
  'UnknownOutcomeError',
  'UnprocessableError',
  'WaitActionsError',
  'WaitTimeoutError',
];
const TYPES = [
  'AbortSignalLike',
  'ActOptions',
  'ActionBody',
  'ActionStatus',
  'AgentLike',
  'ApplyOptions',
  'BackupWindow',
  'CallOptions',
  'Cancellable',
  'Clock',
  'CreateFailure',
  'DOApiOptions',
  'DropletFilter',
  'DropletStatus',
  'GlobalAbortSignal',
  'GroupBy',
  'Hooks',
  'ImageChanges',
  'ImageFilter',
  'ImageLike',
  'ImageQuery',
  'ImageRecipient',
  'ImageStatus',
  'ImageType',
  'ListingOptions',
  'Logger',
  'Method',
  'NetworkInterface',
  'Networks',
  'NewDroplet',
  'NewDropletOfImage',
  'NewDroplets',
  'NewImage',
  'Page',
  'PaginateOptions',
  'Params',
  'PermitGrant',
  'PermitReport',
  'PlannedImage',
  'PlannedImageJson',
  'PollDemand',
  'PollDemands',
  'PollNews',
  'PollReport',
  'Progress',
  'PruneOptions',
  'PrunePlanJson',
  'PruneProgress',
  'PruneResult',
  'QueueEvent',
  'RateLimit',
  'RateLimitBudget',
  'RateLimiterStatus',
  'RegionLike',
  'RegionSlug',
  'ReplicateOptions',
  'Replication',
  'RequestEvent',
  'RequestOptions',
  'ResizeOptions',
  'ResponseEvent',
  'RetentionPolicy',
  'RetryEvent',
  'SharedPermits',
  'SharedPolls',
  'SharedState',
  'SharedStore',
  'SnapshotFilter',
  'SnapshotResourceType',
  'TakeSnapshotOptions',
  'TimeSpan',
  'TokenSource',
  'TracedAttempt',
  'TracedCall',
  'TracedWait',
  'TransportAdapter',
  'TransportOptions',
  'TransportRequest',
  'TransportResponse',
  'WaitFailure',
  'WaitOptions',
];

describe('the public API', () => {
  const program = programOf([...sourcesUnder('lib'), ...sourcesUnder('spec')]);
  const checker = program.getTypeChecker();
  const exported = exportsOf(program, 'lib/index.ts');
  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const isValue = (symbol: ts.Symbol): boolean => (resolved(symbol).flags & ts.SymbolFlags.Value) !== 0;

  it('exports these classes', () => {
    const names = exported.filter(isValue).map(({ name }) => name);
    expect(names.sort()).toEqual(CLASSES);
  });

  it('exports these types', () => {
    const names = exported.filter((symbol) => !isValue(symbol)).map(({ name }) => name);
    expect(names.sort()).toEqual(TYPES);
  });

  /** Checks of types and of the contract do not run the members that they name. */
  const isSpec = (path: string): boolean =>
    path.startsWith(join(ROOT, 'spec/')) &&
    !['spec/types/', 'spec/contract/'].some((folder) => path.startsWith(join(ROOT, folder)));
  const specs = program.getSourceFiles().filter(({ fileName }) => isSpec(fileName));
  const census = new Census(checker, specs);

  it.each([
    ['DOApi', ['fetchImage', 'rateLimit', 'request', 'waitActions', 'close']],
    ['Image', ['transfer', 'url', 'waitForAction', 'toJSON', 'raw']],
    ['Action', ['wait', 'done', 'fetchResource', 'throwIfErrored']],
    ['Droplet', ['takeSnapshot', 'powerOn', 'publicIPv6', 'waitUntilActive', 'tag']],
    ['ImageOffer', ['accept', 'cancel', 'decline']],
    ['Snapshot', ['image', 'fetch', 'delete']],
    ['PrunePlan', ['gigabytes', 'apply', 'toJSON']],
    ['Region', ['toString', 'raw']],
    ['Listing', ['drifted', 'pages', 'toArray']],
  ])('%s: each public method and getter is used in a spec', (name, some) => {
    const [type] = exported
      .filter((one) => one.name === name)
      .map((symbol) => checker.getDeclaredTypeOfSymbol(resolved(symbol)));
    if (!type) throw new Error(`${name} is not exported`);
    expect(census.membersOf(type)).toEqual(expect.arrayContaining(some));
    expect(census.missing(type)).toEqual([]);
  });
});
