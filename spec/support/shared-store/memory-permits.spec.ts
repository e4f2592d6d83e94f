import { MemoryPermits } from './memory-permits';
import { behavesLikeAFleet } from '../behaves-like-a-fleet';
import { behavesLikeASharedStore } from '../behaves-like-a-shared-store';
import { ManualClock } from '../manual-clock';

behavesLikeASharedStore('a store in memory', () => {
  const clock = new ManualClock();
  const permits = new MemoryPermits(clock);
  return Promise.resolve({
    permits,
    advance: (ms: number) => void clock.advance(ms),
    clear: () => {
      permits.clear();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});

behavesLikeAFleet('a store in memory', (clock) => {
  const permits = new MemoryPermits(clock);
  return Promise.resolve({
    permits,
    clear: () => {
      permits.clear();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
