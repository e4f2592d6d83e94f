// A hand-written TypeScript client on axios.
import { createApiClient } from 'dots-wrapper';
import { imageId, poll, region, report, token, url } from './environment.mjs';

const { image } = createApiClient({ token, endpoint: `${url}/v2` });
const image_id = Number(imageId);

const listed = await image.listImages({ user_images: true, per_page: 200 });
const before = await image.getImage({ image_id });
const { data: started } = await image.transferImage({ image_id, region });
const status = await poll(async () => {
  const { data } = await image.getImageAction({ image_id, action_id: started.action.id });
  return data.action.status;
});
const after = await image.getImage({ image_id });

report({
  listed: listed.data.images.length,
  name: before.data.image.name,
  startedId: started.action.id,
  status,
  regions: after.data.image.regions,
});
