/** Whether every case runs: `npm run test:all`. `npm test` takes samples of what has many cases. */
export const ALL_CASES = 'ALL_CASES' in globalThis;

/** How many cases of something to run. */
export const scaled = (all: number, sample: number): number => (ALL_CASES ? all : sample);
