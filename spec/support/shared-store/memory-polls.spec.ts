import { MemoryPolls } from './memory-polls';
import { behavesLikeSharedPolls } from '../behaves-like-shared-polls';
import { ManualClock } from '../manual-clock';

behavesLikeSharedPolls('a store in memory', () => {
  const clock = new ManualClock();
  const polls = new MemoryPolls(clock);
  return Promise.resolve({
    polls,
    advance: (ms: number) => void clock.advance(ms),
    clear: () => {
      polls.clear();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
