// The floor: node:http with connections that are kept, and JSON.parse.
const http = require('node:http');
const { follow } = require('./pages.cjs');

exports.connect = ({ url, token }) => {
  const agent = new http.Agent({ keepAlive: true });
  const { hostname, port } = new globalThis.URL(url);
  const options = { hostname, port, agent, headers: { authorization: `Bearer ${token}` } };
  const ask = (path) =>
    new Promise((resolve, reject) => {
      http
        .get({ ...options, path }, (answer) => {
          const chunks = [];
          answer.on('data', (chunk) => chunks.push(chunk));
          answer.once('error', reject);
          answer.once('end', () => {
            const body = globalThis.Buffer.concat(chunks).toString();
            if (answer.statusCode === 200) resolve(JSON.parse(body));
            else reject(new Error(`${answer.statusCode} ${body}`));
          });
        })
        .once('error', reject);
    });
  return {
    get: async (id) => (await ask(`/v2/images/${id}`)).image.id,
    list: {
      default: () => follow((page) => ask(`/v2/images?page=${page}`)),
      tuned: () => follow((page) => ask(`/v2/images?page=${page}&per_page=200`)),
    },
  };
};
