import type { TransportAdapter, TransportResponse } from '../../lib/http/transport/types';
import { Sandbox } from '../../lib/sandbox';
import { overHttp } from '../sandbox/support';
import { requestsFor, WORLD, type ContractRequest } from './sandbox-requests';
import { Schemas, type SchemaError } from './schemas';

/** How the sandbox stands by an OpenAPI document. */
export interface SandboxReport {
  /** How many answers were looked at. */
  answers: number;
  /** What is against the document, or not as it should be; empty when all is well. */
  problems: string[];
  /** The contradictions of the document (reference, section 9) that showed, by number. */
  contradictions: Map<number, number>;
}

/** Where the document contradicts itself or the API, and the sandbox stands by the API. */
interface Contradiction {
  /** In section 9 of the reference. */
  number: number;
  what: string;
  /** Operations whose good answers are described by another schema, and that schema. */
  instead?: { operations: readonly string[]; schema: object };
  /** Whether it is the reason for something that was found. */
  explains?: (operation: string, found: Found) => boolean;
}

/** Something an answer holds that the document does not allow, or does not know. */
interface Found {
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
    what: 'the tag model says imgages, its examples and the API say images; databases are in its text alone',
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

/** Seen in recordings of the live API, not in the document. */
const OBSERVED = /^\/account\/(reserved_ip_limit|volume_limit)$/;

/** Sends requests for every operation of the document, in process and over HTTP, and checks every answer. */
export async function checkSandbox(document: object): Promise<SandboxReport> {
  const schemas = new Schemas(document);
  const report: SandboxReport = { answers: 0, problems: [], contradictions: new Map() };
  const operations = schemas.operations();
  const requests = requestsFor(operations);
  for (const operation of operations) {
    if (!requests.some((one) => one.operation === operation))
      report.problems.push(`${operation}: never asked for`);
  }
  for (const request of requests) {
    for (const transport of ['in process', 'over HTTP'] as const) {
      const answer = await ask(request, transport);
      const problems = judge(schemas, request, answer, report.contradictions);
      report.problems.push(
        ...problems.map((one) => `${request.operation} ${transport}, ${request.path}: ${one}`),
      );
      report.answers++;
    }
  }
  for (const { number } of CONTRADICTIONS) {
    if (!report.contradictions.has(number))
      report.problems.push(`contradiction ${number} does not show any more`);
  }
  return report;
}

/** Asks a sandbox of its own. */
async function ask(
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

function judge(
  schemas: Schemas,
  { operation, status, body }: ContractRequest,
  answer: TransportResponse,
  contradictions: SandboxReport['contradictions'],
): string[] {
  if (answer.status !== status)
    return [`answered ${answer.status} instead of ${status}: ${answer.body.slice(0, 200)}`];
  return [
    ...judgeRequest(schemas, operation, status, body),
    ...judgeHeaders(answer),
    ...judgeBody(schemas, operation, answer, contradictions),
  ];
}

/** What is carried out must be allowed by the document as well. */
function judgeRequest(schemas: Schemas, operation: string, status: number, body: unknown): string[] {
  const schema = schemas.request(operation);
  if (schema === null || status >= 300) return [];
  return schemas.errors(schema, body).map((error) => `carried out a request that is wrong: ${say(error)}`);
}

function judgeHeaders({ status, headers }: TransportResponse): string[] {
  // Every answer declares the rate limit's headers; the live API leaves them out with 401.
  const numbers = status === 401 ? [] : ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];
  const missing = numbers.filter((name) => !/^\d+$/.test(headers[name] ?? ''));
  const requestId = headers['x-request-id'] === undefined ? ['x-request-id'] : [];
  return [...missing, ...requestId].map((name) => `${name} is missing`);
}

function judgeBody(
  schemas: Schemas,
  operation: string,
  { status, body, headers }: TransportResponse,
  contradictions: SandboxReport['contradictions'],
): string[] {
  const declared = schemas.answer(operation, status);
  if (declared === null) return body === '' ? [] : ['has a body, against the document'];
  if (!headers['content-type']?.startsWith('application/json')) return ['is not JSON'];
  const value = JSON.parse(body) as unknown;
  const replaced = CONTRADICTIONS.find(
    ({ instead }) => status < 300 && instead?.operations.includes(operation),
  );
  if (replaced) count(contradictions, replaced.number);
  const schema = replaced?.instead?.schema ?? declared;
  const problems: string[] = [];
  const consider = (found: Found, text: string): void => {
    const known = CONTRADICTIONS.find(({ explains }) => explains?.(operation, found));
    if (known) count(contradictions, known.number);
    else if (!OBSERVED.test(found.path)) problems.push(text);
  };
  for (const error of schemas.errors(schema, value)) {
    consider({ kind: 'invalid', path: error.instancePath, value: at(value, error.instancePath) }, say(error));
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

function say({ instancePath, message = 'is wrong' }: SchemaError): string {
  return `${instancePath || 'the body'} ${message}`;
}

function count(contradictions: SandboxReport['contradictions'], number: number): void {
  contradictions.set(number, (contradictions.get(number) ?? 0) + 1);
}
