const { follow } = require('./pages.cjs');
const { fetch } = globalThis;

exports.connect = ({ url, token }) => {
  const headers = { authorization: `Bearer ${token}` };
  const ask = async (path) => {
    const answer = await fetch(url + path, { headers });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    get: async (id) => (await ask(`/v2/images/${id}`)).image.id,
    list: {
      default: () => follow((page) => ask(`/v2/images?page=${page}`)),
      tuned: () => follow((page) => ask(`/v2/images?page=${page}&per_page=200`)),
    },
  };
};
