import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { selfSigned } from '../support/certificate';
import { bodyOf, headOf, rewritingAll } from './answers';
import { ALWAYS, type Fault, FINE, NEVER, ofDeletes, row, UNLESS_POST, type Variant } from './fault';
import { onConnect, vouchFor } from './patches';
import type { Place } from './place';

const never = { reaches: false, executes: false };
const lost = { error: 'ConnectionError', fates: UNLESS_POST } as const;

const SOUND = selfSigned();
const EXPIRED = selfSigned({ until: new Date(Date.now() - 60_000) });
const VOUCHED = selfSigned();
const OF_ANOTHER = selfSigned({ address: [127, 0, 0, 9] });

/** Everything that goes wrong before an answer is complete. */
export const NETWORK_FAULTS: readonly Fault[] = [
  fault('F01', 'connection refused', { ...never, error: 'ConnectionError', fates: ALWAYS, arrange: down }),
  fault('F02', 'no such host', {
    ...never,
    error: 'ConnectionError',
    fates: ALWAYS,
    arrange: dns('ENOTFOUND'),
  }),
  fault('F03', 'DNS says later', {
    ...never,
    error: 'ConnectionError',
    fates: ALWAYS,
    arrange: dns('EAI_AGAIN'),
  }),
  fault('F04', 'connecting stalls', {
    ...never,
    error: 'TimeoutError',
    fates: ALWAYS,
    arrange: connectStalls,
  }),
  fault('F05', 'TLS stalls', { ...never, error: 'TimeoutError', fates: ALWAYS, arrange: tlsStalls }),
  fault('F06', 'self-signed certificate', { ...refused(), arrange: (place) => place.secure(SOUND) }),
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
    arrange: rewritingAll((answer) => ({ data: answer.subarray(0, 30), then: 'reset' })),
  }),
  fault(
    'F13',
    'ended inside the body',
    {
      ...lost,
      reaches: true,
      executes: true,
      arrange: rewritingAll((answer) => ({ data: half(answer), then: 'end' })),
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
  fault('F15', 'no answer comes', {
    ...stalled(),
    arrange: ({ proxy }, times) => void proxy.add({ type: 'timeout', times, attributes: { timeout: 0 } }),
  }),
  fault('F16', 'nothing after the headers', {
    ...stalled(),
    arrange: rewritingAll((answer) => ({
      data: Buffer.from(headOf(answer).replace(/204 No Content/, '200 OK\r\ncontent-length: 9')),
      then: 'hang',
    })),
  }),
  fault(
    'F17',
    'nothing after half of the body',
    { ...stalled(), arrange: rewritingAll((answer) => ({ data: half(answer), then: 'hang' })) },
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
        fates: FINE,
        error: 'ConnectionError',
        reaches: true,
        executes: true,
        isWarm: true,
        arrange: async ({ proxy }) => {
          await proxy.down();
          await proxy.up();
          // So that the client has heard of it, however busy the machine is.
          for (let turn = 0; turn < 10; turn++) await new Promise((done) => setTimeout(done, 1));
        },
      },
      {
        name: 'as the next request comes',
        fates: row('hidden', 'hidden', 'hidden', 'unknown', 'hidden'),
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
  return { ...never, error: 'ConnectionError', fates: NEVER, heals: false };
}

function stalled(): Omit<Variant, 'arrange'> {
  return { error: 'TimeoutError', fates: UNLESS_POST, reaches: true, executes: true };
}

const half = (answer: Buffer): Buffer =>
  answer.subarray(0, answer.length - Math.ceil(bodyOf(answer).length / 2));

async function down(place: Place, times: number): Promise<void> {
  await place.proxy.down();
  if (times === 1) place.onRetry = () => void place.proxy.up();
}

/** `localhost`, as nobody knows it. */
function dns(code: string): Variant['arrange'] {
  return (place, times) => {
    let met = 0;
    const lookup: LookupFunction = (host, _options, done) => {
      if (met++ >= times) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else
        done(Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code, syscall: 'getaddrinfo' }), []);
    };
    const httpAgent = new http.Agent({ lookup });
    place.mend = () => (met = Infinity);
    place.transport = { ...place.transport, httpAgent };
    place.endpoint = place.endpoint.replace('127.0.0.1', 'localhost');
  };
}

function connectStalls(place: Place, times: number): void {
  let met = 0;
  const { port } = place.proxy;
  place.mend = onConnect(port, () => {
    if (++met > times) return false;
    place.stalled();
    return true;
  });
}

async function tlsStalls(place: Place, times: number): Promise<void> {
  await place.secure(VOUCHED);
  place.undo(vouchFor(VOUCHED.cert));
  place.proxy.add({ type: 'timeout', stream: 'upstream', times, attributes: { timeout: 0 } });
}

/** Vouched for, so that nothing else is wrong with it. */
function trusted(certificate: typeof SOUND): Variant['arrange'] {
  return async (place) => {
    await place.secure(certificate);
    const httpsAgent = new https.Agent({ ca: certificate.cert });
    place.transport = { ...place.transport, httpsAgent };
  };
}
