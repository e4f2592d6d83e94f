import type { TransportAdapter, TransportResponse } from '../../lib/http/transport/types';
import { LEFT_OUT } from './droplets';
import { Sandbox } from '../../lib/sandbox';
import { overHttp } from '../sandbox/support';
import { requestsFor, WORLD, type ContractRequest } from './sandbox-requests';
import { Schemas, type SchemaError } from './schemas';

/** The result of checking the sandbox against an OpenAPI document. */
export interface SandboxReport {
  /** The number of responses. */
  responses: number;
  /** Violations of the document and other problems, in sentences. */
  problems: string[];
  /** The contradictions of the document that occurred, by number. */
  contradictions: Map<number, number>;
}

/** A place where the document contradicts itself or the API. The sandbox follows the API. */
interface Contradiction {
  /** The number in section 9 of the reference. */
  number: number;
  what: string;
  /** Operations whose successful responses have another schema, and that schema. */
  instead?: { operations: readonly string[]; schema: object };
  /** An operation of some of the documents whose valid requests fail. */
  refuses?: string;
  /** Whether it is the reason for a finding. */
  explains?: (operation: string, finding: Finding) => boolean;
}

/** A part of a response that the document does not allow, or does not declare. */
interface Finding {
  path: string;
  kind: 'invalid' | 'undeclared';
  value: unknown;
}

export const CONTRADICTIONS: readonly Contradiction[] = [
  {
    number: 1,
    what: "the envelope of an image's action is left out, but its examples and the API have it",
    instead: {
      operations: ['POST /v2/images/{image_id}/actions', 'GET /v2/images/{image_id}/actions/{action_id}'],
      schema: {
        type: 'object',
        required: ['action'],
        properties: { action: { $ref: 'openapi#/components/schemas/action' } },
      },
    },
  },
  {
    number: 2,
    what: 'the tag model says imgages, its examples and the API say images; databases are only in its text',
    explains: (operation, { kind, path }) =>
      operation.includes('/v2/tags') &&
      kind === 'undeclared' &&
      /\/resources\/(images|databases)$/.test(path),
  },
  {
    number: 6,
    what: 'the region of an action must not be null, but its slug may be; a conversion has no region',
    explains: (_, { kind, path, value }) => kind === 'invalid' && path.endsWith('/region') && value === null,
  },
];

/** Contradictions of the reference on Droplets (its section 12), which only some of the documents can show. */
const OF_DROPLETS: readonly Contradiction[] = [
  {
    number: 12.2,
    what: 'the two parts of the body of actions by tag both match every valid one, and exactly one may',
    refuses: 'POST /v2/droplets/actions',
  },
];

/** Seen in recordings of the live API, not in the document. */
const OBSERVED = /^\/account\/(reserved_ip_limit|volume_limit)$/;

/** Sends requests for every operation of the document, in process and over HTTP, and checks every response. */
export async function checkSandbox(document: object): Promise<SandboxReport> {
  const schemas = new Schemas(document);
  const report: SandboxReport = { responses: 0, problems: [], contradictions: new Map() };
  const operations = schemas.operations().filter((name) => !LEFT_OUT.has(name));
  const requests = requestsFor(operations);
  for (const operation of operations) {
    if (!requests.some((one) => one.operation === operation))
      report.problems.push(`${operation}: never requested`);
  }
  for (const request of requests) {
    for (const transport of ['in process', 'over HTTP'] as const) {
      const response = await sendTo(request, transport);
      const problems = checkResponse(schemas, request, response, report.contradictions);
      report.problems.push(
        ...problems.map((one) => `${request.operation} ${transport}, ${request.path}: ${one}`),
      );
      report.responses++;
    }
  }
  const shown = OF_DROPLETS.filter(({ refuses = '' }) => operations.includes(refuses));
  for (const { number } of [...CONTRADICTIONS, ...shown]) {
    if (!report.contradictions.has(number))
      report.problems.push(`contradiction ${number} does not occur any more`);
  }
  return report;
}

/** Sends a request to a new sandbox. */
async function sendTo(
  request: ContractRequest,
  transport: 'in process' | 'over HTTP',
): Promise<TransportResponse> {
  const sandbox = new Sandbox({ ...WORLD, ...request.options });
  const listening = transport === 'over HTTP' ? await sandbox.listen() : null;
  const token = request.token ?? sandbox.token;
  const adapter = listening ? overHttp(listening.url, token) : sandbox.adapter;
  try {
    const { first } = request;
    if (first) await send(adapter, token, first.method, first.path, first.body);
    request.before?.(sandbox);
    const [method = ''] = request.operation.split(' ');
    return await send(adapter, token, method, request.path, request.body);
  } finally {
    await listening?.close();
  }
}

function send(
  adapter: TransportAdapter,
  token: string,
  method: string,
  path: string,
  body: unknown,
): Promise<TransportResponse> {
  return adapter({
    method,
    url: `https://api.digitalocean.com${path}`,
    headers: {
      'content-type': 'application/json',
      ...(token !== '' && { authorization: `Bearer ${token}` }),
    },
    signal: new AbortController().signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function checkResponse(
  schemas: Schemas,
  { operation, status, body }: ContractRequest,
  response: TransportResponse,
  contradictions: SandboxReport['contradictions'],
): string[] {
  if (response.status !== status)
    return [`has status ${response.status} instead of ${status}: ${response.body.slice(0, 200)}`];
  return [
    ...checkRequest(schemas, { operation, status, body }, contradictions),
    ...checkHeaders(response),
    ...checkBody(schemas, operation, response, contradictions),
  ];
}

/** A request that is carried out must be valid. */
function checkRequest(
  schemas: Schemas,
  { operation, status, body }: Pick<ContractRequest, 'operation' | 'status' | 'body'>,
  contradictions: SandboxReport['contradictions'],
): string[] {
  const schema = schemas.request(operation);
  if (schema === null || status >= 300) return [];
  const errors = schemas.errors(schema, body);
  const known = OF_DROPLETS.find(({ refuses }) => refuses === operation);
  if (known && errors.some(({ message }) => message === 'must match exactly one schema in oneOf')) {
    count(contradictions, known.number);
    return [];
  }
  return errors.map((error) => `carried out an invalid request: ${describe(error)}`);
}

function checkHeaders({ status, headers }: TransportResponse): string[] {
  // Every response declares the headers of the rate limit; the live API omits them with 401.
  const numbers = status === 401 ? [] : ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];
  const missing = numbers.filter((name) => !/^\d+$/.test(headers[name] ?? ''));
  const requestId = headers['x-request-id'] === undefined ? ['x-request-id'] : [];
  return [...missing, ...requestId].map((name) => `${name} is missing`);
}

function checkBody(
  schemas: Schemas,
  operation: string,
  { status, body, headers }: TransportResponse,
  contradictions: SandboxReport['contradictions'],
): string[] {
  const declared = schemas.response(operation, status);
  if (declared === null) return body === '' ? [] : ['has a body that the document does not declare'];
  if (!headers['content-type']?.startsWith('application/json')) return ['is not JSON'];
  const value = JSON.parse(body) as unknown;
  const replaced = CONTRADICTIONS.find(
    ({ instead }) => status < 300 && instead?.operations.includes(operation),
  );
  if (replaced) count(contradictions, replaced.number);
  const schema = replaced?.instead?.schema ?? declared;
  const problems: string[] = [];
  const consider = (finding: Finding, text: string): void => {
    const known = CONTRADICTIONS.find(({ explains }) => explains?.(operation, finding));
    if (known) count(contradictions, known.number);
    else if (!OBSERVED.test(finding.path)) problems.push(text);
  };
  for (const error of schemas.errors(schema, value)) {
    consider(
      { kind: 'invalid', path: error.instancePath, value: at(value, error.instancePath) },
      describe(error),
    );
  }
  for (const path of schemas.undeclared(schema, value)) {
    consider({ kind: 'undeclared', path, value: undefined }, `${path} is not in the document`);
  }
  return problems;
}

function at(value: unknown, path: string): unknown {
  const steps = path.split('/').slice(1);
  return steps.reduce<unknown>((one, step) => (Object(one) as Record<string, unknown>)[step], value);
}

function describe({ instancePath, message = 'is wrong' }: SchemaError): string {
  return `${instancePath || 'the body'} ${message}`;
}

function count(contradictions: SandboxReport['contradictions'], number: number): void {
  contradictions.set(number, (contradictions.get(number) ?? 0) + 1);
}
