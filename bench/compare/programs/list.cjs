// All images, in one of the ways the client has.
const { firstId, total, way } = require('./told.cjs');
const { measured, run } = require('./measured.cjs');

run(async (client) => {
  // What is loaded or connected with the first request is a matter of the start.
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
