const { Agent, request } = require('undici');
const { follow } = require('./pages.cjs');

exports.connect = ({ url, token }) => {
  const dispatcher = new Agent();
  const headers = { authorization: `Bearer ${token}` };
  const send = async (path) => {
    const { statusCode, body } = await request(url + path, { headers, dispatcher });
    if (statusCode !== 200) throw new Error(`${statusCode} ${await body.text()}`);
    return body.json();
  };
  return {
    get: async (id) => (await send(`/v2/images/${id}`)).image.id,
    list: {
      default: () => follow((page) => send(`/v2/images?page=${page}`)),
      tuned: () => follow((page) => send(`/v2/images?page=${page}&per_page=200`)),
    },
  };
};
