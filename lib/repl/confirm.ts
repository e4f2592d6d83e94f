import type { Input } from './input';
import { Declined } from './problem';
import type { Screen } from './style';
import type { Turn } from './turn';

/**
 * Asks before something grave: `y` does it, `a` does it and whatever else the same line does, anything else does not.
 * @param print writes where the question can be read
 */
export function asker(
  input: Input,
  turn: Turn,
  { paint }: Screen,
  print: (text: string) => void,
): (question: string) => Promise<void> {
  let all = false;
  let last: Promise<unknown> = Promise.resolve();
  turn.watch(() => (all = false));
  const ask = async (question: string): Promise<void> => {
    if (all) return;
    print(`${paint('yellow', question)} [y/N/a] `);
    const key = (await input.key()).toLowerCase();
    print(`${/^[ya]/.test(key) ? key.slice(0, 1) : 'n'}\n`);
    all = key.startsWith('a');
    if (!/^[ya]/.test(key)) throw new Declined();
  };
  // One question after another.
  return (question) => {
    const answer = last.then(() => ask(question));
    last = answer.catch(() => undefined);
    return answer;
  };
}
