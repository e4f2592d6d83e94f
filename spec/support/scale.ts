/** Whether every case runs: `npm run test:all`. `npm test` takes samples of what has many cases. */
export const ALL_CASES = 'ALL_CASES' in globalThis;

/** The first argument in `npm run test:all`, the second in `npm test`. */
export const scaled = <T>(all: T, sample: T): T => (ALL_CASES ? all : sample);
