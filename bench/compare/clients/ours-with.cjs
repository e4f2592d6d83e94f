/** Limits and retries are on; the limits are only higher than anybody gets here. */
const HIGH = { perMinute: 1e9, perHour: 1e9 };

/** `limits: true` keeps those of the library. */
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
      /** One by one, none kept, until `goOn` gives false. */
      each: async (goOn) => {
        for await (const image of api.fetchAllImages()) if (!goOn(image)) return;
      },
    };
  };
