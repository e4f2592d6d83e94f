const { client: connect } = require('digitalocean');

/** Its default is the server's 20 per page. */
exports.connect = ({ url, token }) => {
  const { hostname, port } = new globalThis.URL(url);
  const { images } = connect(token, { protocol: 'http:', hostname, port });
  const list = async (options) => {
    const all = [];
    for (let page = 1; ; page++) {
      const items = await images.list({ ...options, page });
      for (let at = 0; at < items.length; at++) all.push(items[at]);
      // The client returns the total, but no links.
      if (items.length === 0 || all.length >= items.totalLength) return all;
    }
  };
  return {
    get: async (id) => (await images.get(id)).id,
    list: {
      default: () => list({}),
      tuned: () => list({ per_page: 200 }),
      own: async () => {
        const all = [];
        const iterator = (await images.list()).iterator();
        for (let next = iterator.next(); !next.done; next = iterator.next()) all.push(await next.value);
        return all;
      },
    },
  };
};
