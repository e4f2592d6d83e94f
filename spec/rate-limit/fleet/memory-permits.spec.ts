import { MemoryPermits } from '../../../lib/rate-limit/fleet/memory-permits';
import { behavesLikeASharedStore } from '../../support/behaves-like-a-shared-store';
import { ManualClock } from '../../support/manual-clock';

behavesLikeASharedStore('a store in memory', () => {
  const clock = new ManualClock();
  const permits = new MemoryPermits(clock);
  return Promise.resolve({
    permits,
    advance: (ms: number) => void clock.advance(ms),
    clear: () => Promise.resolve(permits.clear()),
    close: () => Promise.resolve(),
  });
});
