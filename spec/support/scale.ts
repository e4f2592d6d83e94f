/** Whether every case runs: `npm run test:all`. `npm test` takes samples of what has many cases. */
export const ALL_CASES = 'ALL_CASES' in globalThis;

/** The first argument in `npm run test:all`, the second in `npm test`. */
export const scaled = <T>(all: T, sample: T): T => (ALL_CASES ? all : sample);

/** For what takes minutes: the first argument with the variable `EVERY_SEED`, without it as `scaled` the others. */
export const scaledToAll = <T>(every: T, all: T, sample: T): T =>
  process.env.EVERY_SEED === undefined ? scaled(all, sample) : every;
