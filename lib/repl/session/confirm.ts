import { CTRL_C, type Input } from './input';
import { Declined } from '../show/explain-error';
import type { Screen } from '../show/style';
import { printable } from '../show/text-layout';
import type { Evaluation } from './evaluation';

/**
 * Asks before something grave: `y` and Enter do it, `a` does it and whatever else the same line does, anything
 * else does not.
 * @param print writes where the question can be read
 */
export function asker(
  input: Input,
  turn: Evaluation,
  { paint }: Screen,
  print: (text: string) => void,
): (question: string) => Promise<void> {
  let all = false;
  let last: Promise<unknown> = Promise.resolve();
  turn.watch(() => (all = false));
  const ask = async (question: string): Promise<void> => {
    if (all) return;
    print(`${paint('yellow', question)} [y/N/a] `);
    const answer = await answerOf(input, print);
    all = /^a(?:ll)?$/i.test(answer);
    if (!all && !/^y(?:es)?$/i.test(answer)) throw new Declined();
  };
  // One question after another.
  return (question) => {
    const answer = last.then(() => ask(question));
    last = answer.catch(() => undefined);
    return answer;
  };
}

/** What is typed up to Enter. A raw terminal shows nothing by itself. */
async function answerOf(input: Input, print: (text: string) => void): Promise<string> {
  let answer = '';
  for (;;) {
    const keys = await input.keys();
    const [typed = '', ...ended] = keys.split(/[\r\n]/);
    const isOver = ended.length > 0 || keys.includes(CTRL_C);
    if (input.isRaw) print(printable(typed) + (isOver ? '\n' : ''));
    if (keys.includes(CTRL_C)) return '';
    answer += typed;
    if (isOver) return answer.trim();
  }
}
