const { createApiClient } = require('dots-wrapper');
const { follow } = require('./pages.cjs');

/** Its default is 25 per page. */
exports.connect = ({ url, token }) => {
  const { image } = createApiClient({ token, endpoint: `${url}/v2` });
  const list = (options) => follow(async (page) => (await image.listImages({ ...options, page })).data);
  return {
    get: async (id) => (await image.getImage({ image_id: id })).data.image.id,
    list: { default: () => list({}), tuned: () => list({ per_page: 200 }) },
  };
};
