import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { selfSigned } from '../support/certificate';
import { bodyOf, headOf, rewritingAll } from './responses';
import { ALWAYS, type Fault, FINE, NEVER, ofDeletes, row, UNLESS_POST, type Variant } from './fault';
import { onConnect, trust } from './patches';
import type { TestBed } from './test-bed';

const never = { reaches: false, executes: false };
const lost = { error: 'ConnectionError', expectations: UNLESS_POST } as const;

const SELF_SIGNED = selfSigned();
const EXPIRED = selfSigned({ until: new Date(Date.now() - 60_000) });
const TRUSTED = selfSigned();
const OF_ANOTHER = selfSigned({ address: [127, 0, 0, 9] });

/** What goes wrong before a response is complete. */
export const NETWORK_FAULTS: readonly Fault[] = [
  fault('F01', 'connection refused', {
    ...never,
    error: 'ConnectionError',
    expectations: ALWAYS,
    arrange: down,
  }),
  fault('F02', 'no such host', {
    ...never,
    error: 'ConnectionError',
    expectations: ALWAYS,
    arrange: dns('ENOTFOUND'),
  }),
  fault('F03', 'DNS says later', {
    ...never,
    error: 'ConnectionError',
    expectations: ALWAYS,
    arrange: dns('EAI_AGAIN'),
  }),
  fault('F04', 'connecting stalls', {
    ...never,
    error: 'TimeoutError',
    expectations: ALWAYS,
    arrange: connectStalls,
  }),
  fault('F05', 'TLS stalls', { ...never, error: 'TimeoutError', expectations: ALWAYS, arrange: tlsStalls }),
  fault('F06', 'self-signed certificate', { ...refused(), arrange: (bed) => bed.secure(SELF_SIGNED) }),
  fault('F07', 'expired certificate', { ...refused(), arrange: trusted(EXPIRED) }),
  fault('F08', 'certificate of another host', { ...refused(), arrange: trusted(OF_ANOTHER) }),
  fault('F09', 'reset, request unread', {
    ...lost,
    ...never,
    arrange: ({ proxy }, times) =>
      void proxy.add({ type: 'reset_peer', stream: 'upstream', times, attributes: { timeout: 0 } }),
  }),
  fault('F10', 'reset, request read', {
    ...lost,
    reaches: true,
    executes: false,
    arrange: ({ sandbox }, times) =>
      void sandbox.fail({ with: 'reset-before-execution', ...(times === 1 && { times }) }),
  }),
  fault('F11', 'carried out, then reset', {
    ...lost,
    reaches: true,
    executes: true,
    arrange: ({ proxy }, times) => void proxy.add({ type: 'reset_peer', times, attributes: { timeout: 0 } }),
  }),
  fault('F12', 'reset inside the headers', {
    ...lost,
    reaches: true,
    executes: true,
    arrange: rewritingAll((response) => ({ data: response.subarray(0, 30), then: 'reset' })),
  }),
  fault(
    'F13',
    'ended inside the body',
    {
      ...lost,
      reaches: true,
      executes: true,
      arrange: rewritingAll((response) => ({ data: half(response), then: 'end' })),
    },
    ofDeletes,
  ),
  fault('F14', 'chunked, last chunk missing', {
    ...lost,
    reaches: true,
    executes: true,
    arrange: rewritingAll(() => ({
      data: Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{"image"\r\n'),
      then: 'end',
    })),
  }),
  fault('F15', 'no response comes', {
    ...stalled(),
    arrange: ({ proxy }, times) => void proxy.add({ type: 'timeout', times, attributes: { timeout: 0 } }),
  }),
  fault('F16', 'nothing after the headers', {
    ...stalled(),
    arrange: rewritingAll((response) => ({
      data: Buffer.from(headOf(response).replace(/204 No Content/, '200 OK\r\ncontent-length: 9')),
      then: 'hang',
    })),
  }),
  fault(
    'F17',
    'nothing after half of the body',
    { ...stalled(), arrange: rewritingAll((response) => ({ data: half(response), then: 'hang' })) },
    ofDeletes,
  ),
  fault('F18', 'a byte a second', {
    ...stalled(),
    arrange: ({ proxy }, times) =>
      void proxy.add({ type: 'slicer', times, attributes: { average_size: 1, delay: 1_000_000 } }),
  }),
  {
    code: 'F19',
    name: 'a kept connection ends',
    variants: [
      {
        name: 'while idle',
        expectations: FINE,
        error: 'ConnectionError',
        reaches: true,
        executes: true,
        isWarm: true,
        arrange: async ({ proxy }) => {
          await proxy.down();
          await proxy.up();
          // The client must see that its connection is closed, on a busy machine as well.
          for (let turn = 0; turn < 10; turn++) await new Promise((done) => setTimeout(done, 1));
        },
      },
      {
        name: 'as the next request comes',
        expectations: row('hidden', 'hidden', 'hidden', 'unknown', 'hidden'),
        error: 'ConnectionError',
        ...never,
        isWarm: true,
        arrange: ({ proxy }) =>
          void proxy.add({ type: 'reset_peer', stream: 'upstream', times: 1, attributes: { timeout: 0 } }),
      },
    ],
  },
];

function fault(code: string, name: string, variant: Variant, cannot?: Fault['cannot']): Fault {
  return { code, name, variants: [variant], ...(cannot && { cannot }) };
}

function refused(): Omit<Variant, 'arrange'> {
  return { ...never, error: 'ConnectionError', expectations: NEVER, heals: false };
}

function stalled(): Omit<Variant, 'arrange'> {
  return { error: 'TimeoutError', expectations: UNLESS_POST, reaches: true, executes: true };
}

const half = (response: Buffer): Buffer =>
  response.subarray(0, response.length - Math.ceil(bodyOf(response).length / 2));

async function down(bed: TestBed, times: number): Promise<void> {
  await bed.proxy.down();
  if (times === 1) bed.onRetry = () => void bed.proxy.up();
}

/** Fails to look up `localhost`. */
function dns(code: string): Variant['arrange'] {
  return (bed, times) => {
    let met = 0;
    const lookup: LookupFunction = (host, _options, done) => {
      if (met++ >= times) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else
        done(Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code, syscall: 'getaddrinfo' }), []);
    };
    const httpAgent = new http.Agent({ lookup });
    bed.repair = () => (met = Infinity);
    bed.transport = { ...bed.transport, httpAgent };
    bed.endpoint = bed.endpoint.replace('127.0.0.1', 'localhost');
  };
}

function connectStalls(bed: TestBed, times: number): void {
  let met = 0;
  const { port } = bed.proxy;
  bed.repair = onConnect(port, () => {
    if (++met > times) return false;
    bed.stalled();
    return true;
  });
}

async function tlsStalls(bed: TestBed, times: number): Promise<void> {
  await bed.secure(TRUSTED);
  bed.onClose(trust(TRUSTED.cert));
  bed.proxy.add({ type: 'timeout', stream: 'upstream', times, attributes: { timeout: 0 } });
}

/** Trusts the certificate, so that nothing else is wrong with it. */
function trusted(certificate: typeof SELF_SIGNED): Variant['arrange'] {
  return async (bed) => {
    await bed.secure(certificate);
    const httpsAgent = new https.Agent({ ca: certificate.cert });
    bed.transport = { ...bed.transport, httpsAgent };
  };
}
