const { default: DigitalOcean } = require('do-wrapper');
const { follow } = require('./pages.cjs');

/** 10 to a page, unless told. Its own switch for all pages takes 25 and asks for all of them at once. */
exports.connect = ({ url, token }) => {
  const { images } = new DigitalOcean(token);
  // It knows one address only.
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
