import { describe, expect, it } from '@jest/globals';
import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import { isConnecting, trackConnections } from '../../../lib/http/transport/connections';
import { ConnectionError } from '../../../lib/errors/errors';
import { UnknownOutcomeError } from '../../../lib/errors/unknown-outcome';
import * as behave from '../../support/behaviours';
import { aClient, OPERATIONS } from '../../support/calls';
import { type Certificate, selfSigned } from '../../../tools/support/certificate';
import { rejection } from '../../support/rejection';
import { testServers } from '../../support/server';

const { serveTls, accept } = testServers();

const IMAGE = { image: { id: 5 } };

/** A client with an agent that is tracked like the library's own, but trusts this certificate. */
const trusting = ({ cert }: Certificate): ReturnType<typeof aClient> => {
  const httpsAgent = trackConnections(new https.Agent({ ca: cert, keepAlive: true }), true);
  return aClient({ transport: { proxy: false, httpsAgent } });
};

describe('a tracked agent', () => {
  it.each(['connect', 'secureConnect'] as const)('knows that a socket is connecting, until %s', (event) => {
    const socket = new Socket();
    const agent = trackConnections(
      agentWith(() => socket),
      event === 'secureConnect',
    );
    expect(isConnecting(socket)).toBe(false);
    expect(connect(agent)).toBe(socket);
    expect(isConnecting(socket)).toBe(true);
    socket.emit(event === 'connect' ? 'secureConnect' : 'connect');
    expect(isConnecting(socket)).toBe(true);
    socket.emit(event);
    expect(isConnecting(socket)).toBe(false);
  });

  it('tracks connections that are created asynchronously, and passes on errors', () => {
    const [socket, failure] = [new Socket(), new Error('no route')];
    const results: unknown[][] = [];
    const later: ((error: Error | null, socket?: Socket) => void)[] = [];
    const agent = trackConnections(
      agentWith((done) => void later.push(done)),
      false,
    );
    connect(agent, (...args) => results.push(args));
    connect(agent);
    later[0]?.(null, socket);
    later[1]?.(failure);
    later[0]?.(failure);
    expect(isConnecting(socket)).toBe(true);
    expect(results).toEqual([
      [null, socket],
      [failure, undefined],
    ]);
  });

  type Done = (error: Error | null, socket?: Socket) => void;
  interface Connector {
    createConnection: (options: object, done?: Done) => Socket | undefined;
  }

  /** An agent that creates connections with this function. */
  function agentWith(create: (done: Done) => Socket | undefined): http.Agent {
    const agent = new http.Agent();
    (agent as unknown as Connector).createConnection = (_options, done = () => undefined) => create(done);
    return agent;
  }

  function connect(agent: http.Agent, done?: Done): Socket | undefined {
    return (agent as unknown as Connector).createConnection({}, done);
  }
});

describe('a POST over TLS', () => {
  it('uses one connection', async () => {
    const certificate = selfSigned();
    const server = await serveTls(certificate, behave.respond(201, IMAGE));
    const { http } = trusting(certificate);
    for (let i = 0; i < 3; i++) {
      await expect(http.send(server.url, OPERATIONS.POST)).resolves.toEqual(IMAGE);
    }
    expect([server.connections, server.calls]).toEqual([1, 3]);
  });

  it('is not retried after the handshake: it may have arrived', async () => {
    const certificate = selfSigned();
    const server = await serveTls(certificate, behave.hangUp);
    const error = await rejection(trusting(certificate).http.send(server.url, OPERATIONS.POST));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(server.calls).toBe(1);
  });

  it('is retried after a failed handshake: nothing can have arrived', async () => {
    const server = await accept(behave.resetUnread, 'https');
    const error = await rejection(trusting(selfSigned()).http.send(server.url, OPERATIONS.POST));
    expect(error).toMatchObject({ name: 'ConnectionError', attempts: 4 });
    expect(server.calls).toBe(4);
  });
});

describe('a certificate', () => {
  it.each([
    ['has expired', selfSigned({ until: new Date(Date.now() - 60_000) }), 'CERT_HAS_EXPIRED'],
    ['is for another address', selfSigned({ address: [127, 0, 0, 2] }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('that %s ends the call at once', async (_what, certificate, code) => {
    const server = await serveTls(certificate, behave.respond(200, IMAGE));
    const { http, clock } = trusting(certificate);
    for (const call of Object.values(OPERATIONS)) {
      const error = await rejection(http.send(server.url, call));
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).toMatchObject({ code, attempts: 1 });
    }
    expect([server.calls, clock.delays]).toEqual([0, []]);
  });

  it('cannot help a server that speaks plain HTTP', async () => {
    const server = await accept((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'https');
    const error = await rejection(trusting(selfSigned()).http.send(server.url, OPERATIONS.POST));
    expect(error).toMatchObject({ name: 'ConnectionError', attempts: 1 });
  });
});
