import type { TransportResponse } from '../../lib/http/transport/types';
import { LEFT_OUT } from './droplets';
import { Sandbox } from '../../lib/sandbox';
import { overHttp } from '../sandbox/support';
import { requestsFor, WORLD, type ContractRequest } from './sandbox-requests';
import { Schemas } from './schemas';

/** The result of comparing the sandbox with Prism. */
export interface Comparison {
  /** The number of pairs of responses. */
  responses: number;
  /** Differences in status or shape without a known reason. */
  differences: string[];
  /** The known reasons that occurred, and how often. */
  reasons: Map<string, number>;
}

/** Why Prism's examples have more than a response of the API. Numbers: reference, section 9; on Droplets, section 12. */
const REASONS: readonly { why: string; explains: (operation: string, path: string) => boolean }[] = [
  {
    why: 'contradiction 10: a list of one page has links in some examples, none in others',
    explains: (_, path) => path.startsWith('/links'),
  },
  {
    why: 'contradiction 11: the example of one tag is nested twice',
    explains: (operation, path) => operation === 'GET /v2/tags/{tag_id}' && path.startsWith('/tag/tag'),
  },
  {
    why: 'no last_tagged_uri where nothing is tagged, and the sandbox has only images and snapshots',
    explains: (operation, path) => operation === 'GET /v2/tags' && path.endsWith('/last_tagged_uri'),
  },
  {
    why: 'the example of backups shows whole images, its schema has seven fields',
    explains: (operation, path) =>
      operation === 'GET /v2/droplets/{droplet_id}/backups' && /\/(distribution|slug|public)$/.test(path),
  },
  {
    why: 'contradiction 12.2: no body of actions by tag is valid, so that Prism refuses each',
    explains: (operation, path) => operation === 'POST /v2/droplets/actions' && path === '',
  },
];

/**
 * Sends the same requests to Prism and to the sandbox. The status must be the same, and the sandbox's body must have every
 * property of Prism's, with the same type.
 * @param prism the URL of a Prism that mocks the document
 */
export async function compareWithPrism(document: object, prism: string): Promise<Comparison> {
  const schemas = new Schemas(document);
  const comparison: Comparison = { responses: 0, differences: [], reasons: new Map() };
  const requests = requestsFor(schemas.operations().filter((name) => !LEFT_OUT.has(name)));
  for (const request of requests) {
    if (!schemas.declares(request.operation, request.status)) continue;
    // Prism rejects an invalid request before it honours `Prefer`, so it gets a valid one.
    const valid = requests.find(({ operation }) => operation === request.operation) ?? request;
    const theirs = await sendToPrism(prism, valid, request);
    const ours = await sendToSandbox(request);
    comparison.responses++;
    for (const [path, what] of differences(theirs, ours)) {
      const reason = REASONS.find(({ explains }) => explains(request.operation, path));
      if (reason) comparison.reasons.set(reason.why, (comparison.reasons.get(reason.why) ?? 0) + 1);
      else comparison.differences.push(`${request.operation} ${request.status}: ${path} ${what}`);
    }
  }
  return comparison;
}

/** Selects Prism's response by `Prefer`, since Prism has no state that could lead to an error. */
function sendToPrism(
  prism: string,
  valid: ContractRequest,
  { status, example }: ContractRequest,
): Promise<TransportResponse> {
  const prefer = `code=${status}${example === undefined ? '' : `, example=${example}`}`;
  return send(overHttp(prism, 'dop_v1_contract', { prefer }), valid);
}

async function sendToSandbox(request: ContractRequest): Promise<TransportResponse> {
  const sandbox = new Sandbox({ ...WORLD, ...request.options });
  const { url, token, close } = await sandbox.listen();
  try {
    const adapter = overHttp(url, request.token ?? token);
    const { first } = request;
    if (first)
      await send(adapter, { operation: `${first.method} `, path: first.path, body: first.body as object });
    request.before?.(sandbox);
    return await send(adapter, request);
  } finally {
    await close();
  }
}

function send(
  adapter: ReturnType<typeof overHttp>,
  { operation, path, body }: Pick<ContractRequest, 'operation' | 'path' | 'body'>,
): Promise<TransportResponse> {
  const [method = ''] = operation.split(' ');
  const url = `https://api.digitalocean.com${path}`;
  const signal = new AbortController().signal;
  return adapter({ method, url, headers: {}, signal, ...(body && { body: JSON.stringify(body) }) });
}

function differences(theirs: TransportResponse, ours: TransportResponse): [path: string, what: string][] {
  if (theirs.status !== ours.status) return [['', `is ${ours.status}, Prism's is ${theirs.status}`]];
  const wanted = shapeOf(theirs.body);
  const found = shapeOf(ours.body);
  return [...wanted].flatMap(([path, types]): [string, string][] => {
    const own = found.get(path);
    if (!own) return isInside(path, found) ? [] : [[path, 'is missing']];
    const same = [...own].some((type) => types.has(type) || type === 'null') || types.has('null');
    return same ? [] : [[path, `is ${[...own].join(' or ')}, Prism's is ${[...types].join(' or ')}`]];
  });
}

/** Whether the path is inside something that is empty or null here and cannot be compared. */
function isInside(path: string, found: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const parent = path.slice(0, path.lastIndexOf('/'));
  const types = found.get(parent);
  if (types) return path.endsWith('/*') || types.has('null');
  return parent !== '' && isInside(parent, found);
}

/** The types at each path of a body; the items of a list share a path. */
function shapeOf(body: string): Map<string, Set<string>> {
  const shape = new Map<string, Set<string>>();
  const walk = (value: unknown, path: string): void => {
    const type = Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
    shape.set(path, (shape.get(path) ?? new Set()).add(type));
    if (Array.isArray(value)) for (const item of value) walk(item, `${path}/*`);
    else if (type === 'object')
      for (const [key, one] of Object.entries(value as object)) walk(one, `${path}/${key}`);
  };
  if (body.trim() !== '') walk(JSON.parse(body), '');
  return shape;
}
