// A JavaScript client on got. Its address is fixed, so that its requests are redirected to the sandbox here.
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { URL } from 'node:url';
import { imageId, poll, region, report, token, url } from './environment.mjs';

const { hostname, port } = new URL(url);
https.request = ({ pathname, search }, options, callback) => {
  const target = { protocol: 'http:', host: hostname, hostname, port, path: pathname + search };
  return http.request({ ...options, ...target, agent: undefined }, callback);
};

const { default: DigitalOcean } = createRequire(import.meta.url)('do-wrapper');
const { images } = new DigitalOcean(token, 200);

// It has no filter for private images, so that all images are listed, 25 per page.
const listed = await images.getAll(undefined, true);
const before = await images.getByIdOrSlug(imageId);
const started = await images.requestAction(imageId, { type: 'transfer', region });
const status = await poll(async () => (await images.getActionById(imageId, started.action.id)).action.status);
const after = await images.getByIdOrSlug(imageId);

report({
  listed: listed.filter((image) => !image.public).length,
  name: before.image.name,
  startedId: started.action.id,
  status,
  regions: after.image.regions,
});
