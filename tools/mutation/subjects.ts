/** A file whose code is changed, and the specs that should notice. */
export interface Subject {
  name: string;
  file: string;
  specs: string[];
}

const CALLS = ['http-answer', 'http-deadline', 'http-once', 'http-patience', 'http-request', 'http-retry'];

/**
 * The specs of each file: those of its name, unless others are told. All of them run in one process and in moments, so
 * that the same file can be changed some hundred times. The most dangerous files come first.
 */
export const SUBJECTS: readonly Subject[] = [
  ...room('core', {
    retry: ['retry'],
    'retry-budget': ['retry-budget'],
    attempts: ['attempts', 'http-once', 'http-retry'],
    budget: ['budget', 'budget-for'],
    others: ['others'],
    'sliding-window': ['sliding-window'],
    pages: ['pages', 'pages-drift', '../listing'],
    parallel: ['parallel'],
    text: ['text'],
    token: ['token'],
    path: ['path'],
    limits: ['limits'],
    check: ['check', '../options'],
    body: ['body', 'http-answer'],
    json: ['json'],
    answer: ['answer', 'retry'],
    failure: ['failure', 'wire', 'retry', 'http-answer', 'http-once'],
    'unknown-outcome': ['errors', 'http-once', '../reconcile'],
  }),
  ...room('waiting', {
    wait: ['one-wait', 'wait-actions'],
    patience: ['patience', 'wait', 'wait-for'],
    watch: ['watch', 'watched', 'wait'],
    watched: ['watched', 'looks', 'watch'],
    look: ['look', 'watch'],
    looks: ['looks', 'watched', 'watch'],
    plan: ['plan'],
    search: ['search', 'watched'],
    errand: ['watched', 'looks', 'watch'],
    room: ['room'],
    'each-as-it-ends': ['each-as-it-ends'],
  }),
  ...room('core', {
    exchange: ['exchange', 'http-request', 'agents'],
    http: ['http', 'http-retry', 'http-once', 'http-deadline', 'hooks'],
    wire: ['wire', ...CALLS, 'agents', 'body', 'adapter'],
    agents: ['agents'],
    adapted: ['adapter', 'http-once'],
    ending: ['ending', 'limits'],
    cancel: ['cancel', 'limits'],
    clock: ['clock', 'limits'],
    dates: ['dates', 'fields'],
    digests: ['digests'],
    recent: ['recent'],
    'rate-limits': ['budget'],
    environment: ['token', 'proxy', '../options'],
    errors: ['errors', 'http-answer'],
    fields: ['fields', 'dates', 'resource'],
    hooks: ['hooks', 'http-request', 'leaks'],
    inspect: ['inspect'],
    proxy: ['proxy', 'tunnel'],
    own: ['own'],
    resource: ['resource', 'fields', 'dates', 'inspect'],
    tunnel: ['tunnel', 'proxy'],
  }),
];

/** Files without code of their own: types only. */
const TYPES = ['requester', 'transport', 'untyped.d'];

/** What no spec is told for. @param names of files in one of the two folders */
export function forgotten(names: readonly string[]): string[] {
  const known = new Set([...TYPES, ...SUBJECTS.map(({ name }) => name)]);
  return names.filter((name) => !known.has(name));
}

function room(folder: string, specs: Record<string, string[]>): Subject[] {
  return Object.entries(specs).map(([name, of]) => ({
    name,
    file: `lib/${folder}/${name}.ts`,
    specs: of.map(
      (spec) => (spec.startsWith('../') ? `spec/${spec.slice(3)}` : `spec/${folder}/${spec}`) + '.spec.ts',
    ),
  }));
}
