import type { Fault, FaultKind, FaultRule, Sandbox } from '../../sandbox';
import type { Command } from './commands';
import type { Screen } from '../show/style';
import { definitions } from '../show/table';
import { duration, nonempty } from '../show/text-layout';

/** Every kind of fault, in a few words. */
const KINDS: Readonly<Record<Exclude<FaultKind, 'altered'>, string>> = {
  status: 'answers 500',
  'status-after-execution': 'does it, and answers 503',
  html: 'a page of a proxy in place of the API',
  'burst-limit': '429, too many requests a minute',
  'hourly-limit': '429, too many requests an hour',
  redirect: 'leads elsewhere',
  delay: 'answers after a second',
  refused: 'no connection',
  'reset-before-execution': 'the connection breaks before it is done',
  'reset-after-execution': 'it is done, and the answer is lost',
  'stall-before-execution': 'no answer, and not done',
  'stall-after-execution': 'no answer, but done',
  'stall-in-body': 'half an answer',
  'cut-in-body': 'the connection breaks in the answer',
  drip: 'the answer comes letter by letter',
  'not-http': 'something that is not HTTP',
  empty: 'an empty answer',
  'truncated-json': 'half of the JSON',
  'invalid-json': 'JSON with a mistake',
  'wrong-types': 'fields of the wrong type',
  'wrong-root': 'another answer than was asked for',
  oversized: 'an answer of 11 MB',
  'foreign-link': 'pages that lead elsewhere',
  drift: 'the list changes while it is read',
  'errored-action': 'the action errs in the end',
  'failed-import': 'the import fails in the end',
};

/** What is meant when nothing is said. */
const ROUTES: Readonly<Record<string, string>> = {
  'errored-action': 'POST /v2/images/:id/actions',
  'failed-import': 'POST /v2/images',
  drift: 'GET /v2/images',
};

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The commands of a session that has a sandbox. */
export function sandboxCommands(
  sandbox: Sandbox,
  { paint, columns }: Screen,
  print: (text: string) => void,
): Command[] {
  const rules: { kind: string; rule: FaultRule }[] = [];
  return [
    {
      name: 'faults',
      takes: '[off|kind [times [route]]]',
      help: 'makes requests go wrong, and says what can',
      run: (argument) => {
        const [kind = '', times = '1', ...route] = argument.split(/\s+/);
        if (kind === 'off') {
          sandbox.heal();
          rules.length = 0;
          print('All is well again.\n');
        } else if (kind !== '') {
          const on = nonempty(route.join(' ')) ?? ROUTES[kind] ?? '* /v2/*';
          const rule = sandbox.fail({ with: known(kind), on, times: Number(times) } as Fault);
          rules.push({ kind, rule });
          print(`The next ${times} of ${on}: ${KINDS[known(kind)]}.\n`);
        } else {
          for (const one of rules)
            print(`${paint('yellow', one.kind)} is on, and has met ${one.rule.met} requests\n`);
          print(`${definitions(Object.entries(KINDS), columns, paint)}\n`);
        }
      },
    },
    {
      name: 'advance',
      takes: '<time>',
      help: 'lets time pass at once: .advance 10 min',
      run: async (argument) => {
        const ms = milliseconds(argument);
        await sandbox.advance(ms);
        print(`${duration(ms)} have passed.\n`);
      },
    },
  ];
}

function known(kind: string): keyof typeof KINDS {
  if (!Object.hasOwn(KINDS, kind)) throw new TypeError(`There is no fault ${kind}; .faults names them all.`);
  return kind as keyof typeof KINDS;
}

function milliseconds(text: string): number {
  const [, count = '', unit = 's'] = /^(\d+(?:\.\d+)?)\s*(\w*)$/.exec(text) ?? [];
  const factor = UNITS[unit === '' ? 's' : unit];
  if (count === '' || factor === undefined)
    throw new TypeError('It goes like this: .advance 90 s, .advance 10 min, .advance 2 h');
  return Number(count) * factor;
}
