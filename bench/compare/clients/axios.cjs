const axios = require('axios');
const { follow } = require('./pages.cjs');

/** With default options. */
exports.connect = ({ url, token }) => {
  const client = axios.create({ baseURL: url, headers: { authorization: `Bearer ${token}` } });
  const list = (params) =>
    follow(async (page) => (await client.get('/v2/images', { params: { ...params, page } })).data);
  return {
    get: async (id) => (await client.get(`/v2/images/${id}`)).data.image.id,
    list: { default: () => list({}), tuned: () => list({ per_page: 200 }) },
  };
};
