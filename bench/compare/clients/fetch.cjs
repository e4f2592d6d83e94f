const { follow } = require('./pages.cjs');
const { fetch } = globalThis;

exports.connect = ({ url, token }) => {
  const headers = { authorization: `Bearer ${token}` };
  const request = async (path) => {
    const response = await fetch(url + path, { headers });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    get: async (id) => (await request(`/v2/images/${id}`)).image.id,
    list: {
      default: () => follow((page) => request(`/v2/images?page=${page}`)),
      tuned: () => follow((page) => request(`/v2/images?page=${page}&per_page=200`)),
    },
  };
};
