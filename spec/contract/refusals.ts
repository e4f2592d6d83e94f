import assert from 'node:assert/strict';
import {
  AuthenticationError,
  type DOApi,
  NotFoundError,
  RateLimitError,
  ResponseError,
  ServerError,
  UnknownOutcomeError,
} from '../../lib';
import { LEFT_OUT, UNREQUESTABLE } from './droplets';
import { ACTION, ID, type Operation } from './operation';

/** The part of an OpenAPI document that is read here. */
export interface Document {
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  components: { responses: Record<string, unknown> };
}

type Run = Operation['run'];

const image = (api: DOApi): ReturnType<DOApi['image']> => api.image(ID);
const request = (path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', body?: object): Run => {
  return (api) => api.request(path, { method, ...(body && { body }) });
};
const RECIPIENT = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6';

/** The call of the library for each operation of the API. */
const CALLS: Readonly<Record<string, Run | undefined>> = {
  'GET /v2/account': request('/v2/account'),
  'GET /v2/actions': (api) => api.fetchAllActions().toArray(),
  'GET /v2/actions/{action_id}': (api) => api.fetchAction(ACTION),
  'GET /v2/images': (api) => api.fetchAllImages().toArray(),
  'POST /v2/images': (api) =>
    api.createCustomImage({ name: 'mine', url: 'https://example.com/disk.raw', region: 'nyc3' }),
  'GET /v2/images/{image_id}': (api) => image(api).fetch(),
  'PUT /v2/images/{image_id}': (api) => image(api).update({ name: 'new' }),
  'DELETE /v2/images/{image_id}': (api) => image(api).delete(),
  'GET /v2/images/{image_id}/actions': (api) => image(api).fetchLastAction(),
  'POST /v2/images/{image_id}/actions': (api) => image(api).transfer('nyc3'),
  'GET /v2/images/{image_id}/actions/{action_id}': (api) => image(api).fetchAction(ACTION),
  'POST /v2/images/{image_id}/account_transfer': (api) => image(api).offerTo({ uuid: RECIPIENT }),
  'POST /v2/images/{image_id}/account_transfer/accept': (api) =>
    api.imageOffer(ID, 5).accept({ uuid: RECIPIENT }),
  'POST /v2/images/{image_id}/account_transfer/cancel': (api) => api.imageOffer(ID, 5).cancel(),
  'POST /v2/images/{image_id}/account_transfer/decline': (api) => api.imageOffer(ID, 5).decline(),
  'GET /v2/regions': (api) => api.fetchAllRegions().first(),
  'GET /v2/snapshots': (api) => api.paginate('/v2/snapshots', 'snapshots').toArray(),
  'GET /v2/snapshots/{snapshot_id}': request('/v2/snapshots/6372321'),
  'DELETE /v2/snapshots/{snapshot_id}': request('/v2/snapshots/6372321', 'DELETE'),
  'GET /v2/tags': (api) => api.paginate('/v2/tags', 'tags').toArray(),
  'POST /v2/tags': request('/v2/tags', 'POST', { name: 'prod' }),
  'GET /v2/tags/{tag_id}': request('/v2/tags/prod'),
  'DELETE /v2/tags/{tag_id}': request('/v2/tags/prod', 'DELETE'),
  // `image.tag` continues after a 404, see operations.ts.
  'POST /v2/tags/{tag_id}/resources': request('/v2/tags/prod/resources', 'POST', { resources: [] }),
  'DELETE /v2/tags/{tag_id}/resources': (api) => image(api).untag('prod'),
};

/** The calls for Droplets, which only some of the documents have. */
const DROPLET_CALLS: Readonly<Record<string, Run | undefined>> = {
  'GET /v2/droplets': (api) => api.fetchAllDroplets().toArray(),
  'POST /v2/droplets': (api) =>
    api.createDroplet({ name: 'web-1', region: 'nyc3', size: 's-1vcpu-1gb', image: 'ubuntu-20-04-x64' }),
  'DELETE /v2/droplets': (api) =>
    api.request('/v2/droplets', { method: 'DELETE', params: { tag_name: 'web' } }),
  'GET /v2/droplets/{droplet_id}': (api) => api.fetchDroplet(ID),
  'DELETE /v2/droplets/{droplet_id}': (api) => api.droplet(ID).delete(),
  'GET /v2/droplets/{droplet_id}/snapshots': (api) => api.droplet(ID).fetchAllSnapshots().toArray(),
  'GET /v2/droplets/{droplet_id}/backups': (api) => api.droplet(ID).fetchAllBackups().toArray(),
  'GET /v2/droplets/{droplet_id}/actions': (api) => api.droplet(ID).fetchLastAction(),
  'POST /v2/droplets/{droplet_id}/actions': (api) => api.droplet(ID).reboot(),
  'GET /v2/droplets/{droplet_id}/actions/{action_id}': (api) => api.droplet(ID).fetchAction(ACTION),
  'GET /v2/sizes': (api) => api.paginate('/v2/sizes', 'sizes').toArray(),
};

/** The operations of a document, as `GET /v2/images/{image_id}`. */
export function operationsOf(document: Document): string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => ['get', 'post', 'put', 'delete'].includes(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** The operations of a document that the library can request. */
export function requestable(document: Document): string[] {
  return operationsOf(document).filter((name) => !LEFT_OUT.has(name) && !UNREQUESTABLE.has(name));
}

/** One operation per declared error of each operation: the library must reject with the matching error class. */
export function refusals(document: Document): Operation[] {
  return requestable(document).flatMap((name) => {
    const [method = '', path = ''] = name.split(' ');
    const { responses } = document.paths[path]?.[method.toLowerCase()] ?? { responses: {} };
    return Object.entries(responses)
      .filter(([status]) => status >= '400')
      .map(([declared, response]) => {
        // `default` is any other status, such as a conflict.
        const status = declared === 'default' ? 409 : Number(declared);
        return refusal(name, status, exampleOf(document, response));
      });
  });
}

function refusal(name: string, status: number, example: Example): Operation {
  return {
    name: `${status} to ${name}`,
    run: async (api) => {
      const call = CALLS[name] ?? DROPLET_CALLS[name];
      assert(call, 'refusals.ts has no call for this operation');
      return call(api).then(
        () => 'a result instead of an error',
        (error: unknown) => error,
      );
    },
    gives: (error) => {
      const type = typeFor(name, status);
      assert(error instanceof type, `expected ${type.name}, got ${String(error)}`);
      assert.deepEqual([error.status, error.id], [status, example.id ?? null]);
      const message = (example.message ?? example.error ?? '').slice(0, 60);
      if (error instanceof ResponseError)
        assert(error.message.includes(message), `${error.message}: ${message}`);
    },
    prefer: [`code=${status}`],
  };
}

/** The error class for a status. A POST with a 5xx may have been carried out. */
function typeFor(name: string, status: number): typeof ResponseError | typeof UnknownOutcomeError {
  if (status >= 500) return name.startsWith('POST') ? UnknownOutcomeError : ServerError;
  return { 401: AuthenticationError, 404: NotFoundError, 429: RateLimitError }[status] ?? ResponseError;
}

/** An error in the document. Those of tags have `error` instead of `message`. */
interface Example {
  id?: string;
  message?: string;
  error?: string;
}

function exampleOf(document: Document, response: unknown): Example {
  const { $ref } = response as { $ref?: string };
  const found = $ref ? document.components.responses[$ref.replace('#/components/responses/', '')] : response;
  const { content = {} } = found as { content?: Record<string, Content> };
  const { example, examples = {} } = content['application/json'] ?? {};
  return example ?? Object.values(examples)[0]?.value ?? {};
}

interface Content {
  example?: Example;
  examples?: Record<string, { value: Example }>;
}
