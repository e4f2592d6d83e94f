// The minimum: node:http with keep-alive, and JSON.parse.
const http = require('node:http');
const { follow } = require('./pages.cjs');

exports.connect = ({ url, token }) => {
  const agent = new http.Agent({ keepAlive: true });
  const { hostname, port } = new globalThis.URL(url);
  const options = { hostname, port, agent, headers: { authorization: `Bearer ${token}` } };
  const request = (path) =>
    new Promise((resolve, reject) => {
      http
        .get({ ...options, path }, (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            const body = globalThis.Buffer.concat(chunks).toString();
            if (response.statusCode === 200) resolve(JSON.parse(body));
            else reject(new Error(`${response.statusCode} ${body}`));
          });
        })
        .once('error', reject);
    });
  return {
    get: async (id) => (await request(`/v2/images/${id}`)).image.id,
    list: {
      default: () => follow((page) => request(`/v2/images?page=${page}`)),
      tuned: () => follow((page) => request(`/v2/images?page=${page}&per_page=200`)),
    },
  };
};
