// A JavaScript client on got. It knows one address only: its requests are turned to the sandbox underneath.
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { URL } from 'node:url';
import { imageId, poll, region, tell, token, url } from './told.mjs';

const { hostname, port } = new URL(url);
https.request = ({ pathname, search }, options, callback) => {
  const target = { protocol: 'http:', host: hostname, hostname, port, path: pathname + search };
  return http.request({ ...options, ...target, agent: undefined }, callback);
};

const { default: DigitalOcean } = createRequire(import.meta.url)('do-wrapper');
const { images } = new DigitalOcean(token, 200);

// It has no filter for private images and takes 25 to a page: all pages of all images.
const listed = await images.getAll(undefined, true);
const before = await images.getByIdOrSlug(imageId);
const started = await images.requestAction(imageId, { type: 'transfer', region });
const status = await poll(async () => (await images.getActionById(imageId, started.action.id)).action.status);
const after = await images.getByIdOrSlug(imageId);

tell({
  listed: listed.filter((image) => !image.public).length,
  name: before.image.name,
  startedId: started.action.id,
  status,
  regions: after.image.regions,
});
