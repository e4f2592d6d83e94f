const { default: DigitalOcean } = require('do-wrapper');
const { follow } = require('./pages.cjs');

/** Its default is 10 per page. Its own option for all pages takes 25 and requests them all at once. */
exports.connect = ({ url, token }) => {
  const { images } = new DigitalOcean(token);
  // The address is not an option.
  images.requestHelper.apiUrl = `${url}/v2/`;
  const list = (size) => follow((page) => images.getAll(undefined, false, page, size));
  return {
    get: async (id) => (await images.getByIdOrSlug(id)).image.id,
    list: {
      default: () => list(),
      tuned: () => list(200),
      own: () => images.getAll(undefined, true),
    },
  };
};
