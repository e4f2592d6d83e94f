import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { COMPILE } from '../../spec/support/program';
import type { Case, Row } from './rows';

const TIME = 3_000;
const COUNTS = [1, 8, 64];

/** How many reports one Redis answers in a second, by the number of processes that report one after the other. */
export const DECISIONS: Case = {
  rows: ['answers a second of one Redis, by processes'],
  isAlone: true,
  measure: async ({ port }, [name = '']): Promise<Row[]> => {
    const children: ChildProcess[] = [];
    const rates: number[] = [];
    try {
      for (const count of COUNTS) {
        const more = Array.from({ length: count - children.length }, () =>
          fork(join(__dirname, 'report-process.ts'), [String(port)], { execArgv: COMPILE }),
        );
        children.push(...more);
        await Promise.all(more.map(messageOf));
        const counted = children.map(messageOf);
        for (const child of children) child.send(TIME);
        const sum = (await Promise.all(counted)).reduce((all, one) => all + one, 0);
        rates.push(sum / (TIME / 1_000));
      }
    } finally {
      for (const child of children) child.kill();
    }
    const texts = rates.map((rate, index) => `${COUNTS[index]}: ${Math.round(rate).toLocaleString('en')}`);
    return [
      {
        name,
        result: texts.join('; '),
        target: 'measured; 1,000 at least',
        checks: [{ what: 'the fewest answers a second', value: Math.min(...rates), least: 1_000 }],
      },
    ];
  },
};

async function messageOf(child: ChildProcess): Promise<number> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('a process that reports has ended');
  });
  // Once it has told, its end is expected.
  ended.catch(() => undefined);
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [number];
  return message;
}
