// As `import` gets it: the same CommonJS build, and nothing else of ours that Node would have to translate for a module.
import process from 'node:process';

const { DOApi } = await import(`${process.env.BENCH_LIBRARY}/index.js`);

export const connect = ({ url, token }) => {
  const api = new DOApi({ token, endpoint: url, rateLimit: { perMinute: 1e9, perHour: 1e9 } });
  return { get: async (id) => (await api.fetchImage(id)).id };
};
