import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** The folders of `lib/` whose files are mutated. */
const FOLDERS = [
  'http',
  'http/response',
  'http/sharing',
  'http/transport',
  'rate-limit',
  'pagination',
  'polling',
  'model',
  'errors',
  'util',
  'util/text',
] as const;

/** A file that is mutated, and the specs that should notice. */
export interface Subject {
  /** Such as `http/retry-policy`. */
  name: string;
  file: string;
  specs: string[];
}

/** Specs that test a file besides its own, `spec/<name>.spec.ts`. Each must run in one process within seconds. */
const FURTHER_SPECS: Readonly<Record<string, readonly string[]>> = {
  'http/attempt': ['http/client-request', 'http/transport/connections'],
  'http/call-state': ['http/client-unsafe', 'http/client-retry'],
  'http/client': ['http/client-retry', 'http/client-unsafe', 'http/client-deadline', 'http/hooks'],
  'http/response/error-body': ['http/client-response', 'errors/errors'],
  'http/failure': [
    'http/transport/node-transport',
    'http/retry-policy',
    'http/client-response',
    'http/client-unsafe',
  ],
  'http/hooks': ['http/client-request', 'http/token-leaks'],
  'http/response/response-headers': ['http/retry-policy'],
  'http/sharing/post-history': ['reconcile-clocks'],
  'http/sharing/shared-calls': ['transfers', 'reconcile-clocks'],
  'http/transport/custom-transport': ['http/client-unsafe'],
  'http/transport/node-transport': [
    'http/client-response',
    'http/client-deadline',
    'http/client-unsafe',
    'http/client-rate-limit',
    'http/client-request',
    'http/client-retry',
    'http/transport/connections',
    'http/transport/response-body',
    'http/transport/custom-transport',
  ],
  'http/transport/proxy': ['http/transport/proxy-tunnel', 'http/transport/connection-pool'],
  'http/transport/proxy-tunnel': ['http/transport/proxy'],
  'http/transport/response-body': ['http/client-response'],
  'rate-limit/limits': ['rate-limit/rate-limiter'],
  'rate-limit/rate-limiter': ['rate-limit/shared-limiter'],
  'pagination/page-reader': ['pagination/page-reader-drift', 'pagination/listing'],
  'pagination/page-response': ['pagination/listing'],
  'polling/page-search': ['polling/poll-target'],
  'polling/poll-requests': ['polling/poll-target', 'polling/poller'],
  'polling/poll-round': ['polling/poller'],
  'polling/poll-target': ['polling/poll-requests', 'polling/poller'],
  'polling/poller': ['polling/poll-target', 'polling/waits'],
  'polling/wait-options': ['polling/waits', 'polling/wait-for-action'],
  'polling/waiter': ['polling/wait-actions'],
  'errors/lookup': ['reconcile'],
  'model/dates': ['model/fields'],
  'model/fields': ['model/dates', 'model/resource'],
  'model/resource': ['model/fields', 'model/dates', 'model/inspect'],
  'model/display': ['repl/show/table', 'model/inspect'],
  'errors/errors': ['http/client-response'],
  'errors/wait-timeout': ['polling/waiter', 'polling/as-completed'],
  'errors/unknown-outcome': ['errors/errors', 'http/client-unsafe', 'reconcile'],
  'util/abort': ['util/with-limits'],
  'util/clock': ['util/with-limits'],
  'util/env': ['http/token', 'http/transport/proxy', 'options'],
  'util/validate': ['options'],
};

/** Files of types and constants. */
const WITHOUT_CODE = [
  'http/transport/types',
  'polling/poll-result',
  'model/requester',
  'model/wait-target',
  'util/time-units',
  'util/untyped-modules.d',
];

/** All files with code in these folders. */
export function subjects(): Subject[] {
  const names = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, 'lib', folder))
      .filter((entry) => entry.endsWith('.ts'))
      .map((entry) => `${folder}/${entry.replace(/\.ts$/, '')}`),
  );
  return names
    .filter((name) => !WITHOUT_CODE.includes(name))
    .map((name) => {
      const own = existsSync(join(ROOT, specOf(name))) ? [name] : [];
      const specs = [...own, ...(FURTHER_SPECS[name] ?? [])].map(specOf);
      return { name, file: `lib/${name}.ts`, specs };
    });
}

/** What is wrong with the lists above, in sentences. */
export function problems(all: readonly Subject[]): string[] {
  const names = new Set(all.map(({ name }) => name));
  const stale = Object.keys(FURTHER_SPECS).filter((name) => !names.has(name));
  const missing = new Set(all.flatMap(({ specs }) => specs.filter((spec) => !existsSync(join(ROOT, spec)))));
  return [
    ...all.filter(({ specs }) => specs.length === 0).map(({ file }) => `${file} has no spec`),
    ...stale.map((name) => `lib/${name}.ts does not exist`),
    ...[...missing].map((spec) => `${spec} does not exist`),
  ];
}

const specOf = (name: string): string => `spec/${name}.spec.ts`;
