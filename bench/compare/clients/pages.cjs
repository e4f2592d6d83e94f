/** The loop that a user writes around a client without one: requests pages until the last. */
exports.follow = async (page) => {
  const images = [];
  for (let number = 1; ; number++) {
    const body = await page(number);
    images.push(...body.images);
    if (!body.links.pages?.next) return images;
  }
};
