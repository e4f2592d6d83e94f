// The CommonJS build, imported by an ES module. No other CommonJS file of the benchmark is imported.
import process from 'node:process';

const { DOApi } = await import(`${process.env.BENCH_LIBRARY}/index.js`);

export const connect = ({ url, token }) => {
  const api = new DOApi({ token, endpoint: url, rateLimit: { perMinute: 1e9, perHour: 1e9 } });
  return { get: async (id) => (await api.fetchImage(id)).id };
};
