import { CTRL_C, type Input } from './input';
import { questionOf } from '../questions/question';
import type { GigabytesOf, NameOf } from '../questions/question-words';
import type { SessionChange } from './session-client';
import { Declined } from '../show/explain-error';
import type { Screen } from '../show/style';
import { printable } from '../../util/text/sanitize';
import type { Evaluation } from './evaluation';

type AnswerInput = Pick<Input, 'isRaw' | 'keys'>;

/** What the questions need of a session. */
interface ConfirmOptions {
  /** Read when there is a question. */
  input: () => AnswerInput;
  evaluation: Evaluation;
  screen: Screen;
  /** Writes where the question can be read. */
  print: (text: string) => void;
  nameOf: NameOf;
  gigabytesOf: GigabytesOf;
}

/**
 * Asks before a change is sent: `y` and Enter send it, `a` sends it and every other change of the same line, anything
 * else rejects with Declined. A change that is repeated without further effect is confirmed once in a line.
 */
export function confirmer({
  input,
  evaluation,
  screen,
  print,
  nameOf,
  gigabytesOf,
}: ConfirmOptions): (change: SessionChange) => Promise<void> {
  let all = false;
  const confirmed = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  evaluation.watch(() => {
    all = false;
    confirmed.clear();
  });
  const confirm = async (change: SessionChange): Promise<void> => {
    const { method, path, body, idempotent } = change;
    const key = JSON.stringify([method, path, body]);
    if (all || confirmed.has(key)) return;
    print(`${screen.paint('yellow', printable(questionOf(change, nameOf, gigabytesOf)))} [y/N/a] `);
    const answer = await readAnswer(input(), print);
    all = /^a(?:ll)?$/i.test(answer);
    if (!all && !/^y(?:es)?$/i.test(answer)) throw new Declined();
    if (idempotent) confirmed.add(key);
  };
  // One question after another.
  return (change) => {
    const answered = last.then(() => confirm(change));
    last = answered.catch(() => undefined);
    return answered;
  };
}

/** Reads up to Enter. A raw terminal does not echo. */
async function readAnswer(input: AnswerInput, print: (text: string) => void): Promise<string> {
  let answer = '';
  for (;;) {
    const keys = await input.keys();
    const [typed = '', ...rest] = keys.split(/[\r\n]/);
    const isComplete = rest.length > 0 || keys.includes(CTRL_C);
    if (input.isRaw) print(printable(typed) + (isComplete ? '\n' : ''));
    if (keys.includes(CTRL_C)) return '';
    answer += typed;
    if (isComplete) return answer.trim();
  }
}
