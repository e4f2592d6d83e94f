// Lists all images, in one of the ways of the client.
const { firstId, total, way } = require('./arguments.cjs');
const { measured, run } = require('./measured.cjs');

run(async (client) => {
  // Loading and connecting belong to the start.
  await client.get(firstId);
  let images = [];
  const cost = await measured(async () => {
    images = await client.list[way]();
  });
  const ids = images.map(({ id }) => Number(id));
  if (new Set(ids).size !== total) throw new Error(`${new Set(ids).size} different images of ${total}`);
  const inOrder = ids.every((id, at) => id === firstId + at);
  return { ...cost, inOrder };
});
