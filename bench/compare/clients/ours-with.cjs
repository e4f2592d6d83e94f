/** Rate limits that are on, but higher than the benchmark reaches. */
const HIGH = { perMinute: 1e9, perHour: 1e9 };

/** `limits: true` keeps the default rate limits. */
exports.connectWith =
  (DOApi) =>
  ({ url, token, limits = false }) => {
    const api = new DOApi({ token, endpoint: url, ...(!limits && { rateLimit: HIGH }) });
    return {
      get: async (id) => (await api.fetchImage(id)).id,
      list: {
        default: () => api.fetchAllImages().toArray(),
        tuned: () => api.fetchAllImages({ perPage: 200, concurrency: 1 }).toArray(),
      },
      /** Iterates and keeps nothing, until `goOn` returns false. */
      each: async (goOn) => {
        for await (const image of api.fetchAllImages()) if (!goOn(image)) return;
      },
    };
  };
