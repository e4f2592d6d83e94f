import { describe, expect, it } from '@jest/globals';
import {
  isPlain,
  noSearches,
  runWorld,
  type Searches,
  type Weather,
  WEATHERS,
} from '../../tools/duplicate-posts/worlds';
import { scaled } from '../support/scale';

/** In all. */
const SEEDS = scaled(10_000, 500);

async function searchesIn(weather: Weather): Promise<Searches> {
  const searches = noSearches();
  for (let seed = 1; seed <= SEEDS / WEATHERS.length; seed++) await runWorld(weather, seed, searches);
  return searches;
}

describe.each(WEATHERS.map((weather) => [weather.name, weather] as const))(
  'searches for lost POSTs: %s',
  (_name, weather) => {
    it('never deny what happened, never claim what something else made, and tell doubt as doubt', async () => {
      const searches = await searchesIn(weather);
      const { lost, carriedOut, found, absent, doubt, twins } = searches;
      expect(searches).toEqual({ ...noSearches(), lost, carriedOut, found, absent, doubt, twins });
      expect(found + absent + doubt + twins).toBe(lost);
      expect(lost).toBeGreaterThan(SEEDS / WEATHERS.length / 3);
      if (!isPlain(weather)) return;
      expect(found).toBe(carriedOut);
      expect(doubt / lost).toBeLessThan(weather.reads === 'list' ? 0.02 : 0.25);
    }, 300_000);
  },
);
