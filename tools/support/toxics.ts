/** Which traffic a toxic affects. */
interface Target {
  /** `upstream`: data of the client; `downstream`, the default: data of the server. */
  stream?: 'upstream' | 'downstream';
  /** The share of connections that it affects, from 0 to 1; default 1. */
  toxicity?: number;
  /** How many connections (for `rewrite`: responses) it affects; default: all. */
  times?: number;
}

/** What a client receives in place of a response. */
export interface Rewritten {
  data: Buffer;
  /** The connection is then kept, closed, reset, or left open without more data. */
  then: 'keep' | 'end' | 'reset' | 'hang';
  /** Called when the data was passed on, before the client can read it. */
  passed?: () => void;
}

/**
 * What can go wrong on a connection. Names and attributes are those of toxiproxy. Times are milliseconds; as in
 * toxiproxy, the `delay` of `slicer` is microseconds. `rewrite` is an addition: it replaces whole HTTP responses.
 */
export type Toxic = Target &
  (
    | { type: 'latency'; attributes: { latency: number; jitter?: number } }
    /** Kilobytes per second. */
    | { type: 'bandwidth'; attributes: { rate: number } }
    | { type: 'slow_close'; attributes: { delay: number } }
    /** Drops all data and closes the connection after `timeout`; 0: never. */
    | { type: 'timeout'; attributes: { timeout: number } }
    /** Sends RST in place of the first data, or `timeout` after it. */
    | { type: 'reset_peer'; attributes: { timeout: number } }
    | { type: 'slicer'; attributes: { average_size: number; size_variation?: number; delay?: number } }
    | { type: 'limit_data'; attributes: { bytes: number } }
    | { type: 'rewrite'; attributes: { rewrite: (response: Buffer) => Rewritten } }
  );

/** One direction of one connection, as a toxic sees it. */
export interface Stream {
  sleep: (ms: number) => Promise<void>;
  /** From 0 to 1. */
  random: () => number;
  /** Whether the receiving side has closed. */
  isClosed: () => boolean;
  /** Closes the connection on both sides. */
  cut: (how: 'end' | 'reset') => void;
  /** Called when no more data will come on an open connection. */
  stalled: () => void;
  /** Whether the toxic affects one more response; counts it. */
  affectsNext: () => boolean;
}

export type Next = (data: Buffer) => Promise<void>;

/** A toxic that is applied to one stream. */
export interface Applied {
  data: (chunk: Buffer, next: Next) => Promise<void>;
  /** The source has ended; resolves when the other side may be closed. */
  end?: () => Promise<void>;
}

/** Applies a toxic to a stream. */
export function apply(toxic: Toxic, stream: Stream): Applied {
  switch (toxic.type) {
    case 'latency':
      return latency(toxic.attributes, stream);
    case 'bandwidth':
      return bandwidth(toxic.attributes, stream);
    case 'slow_close':
      return { data: pass, end: () => stream.sleep(toxic.attributes.delay) };
    case 'timeout':
      return timeout(toxic.attributes, stream);
    case 'reset_peer':
      return resetPeer(toxic.attributes, stream);
    case 'slicer':
      return slicer(toxic.attributes, stream);
    case 'limit_data':
      return limitData(toxic.attributes, stream);
    case 'rewrite':
      return rewriter(toxic.attributes.rewrite, stream);
  }
}

const pass: Applied['data'] = (chunk, next) => next(chunk);

function latency({ latency: ms, jitter = 0 }: { latency: number; jitter?: number }, stream: Stream): Applied {
  return {
    data: async (chunk, next) => {
      await stream.sleep(Math.max(0, ms + jitter * (2 * stream.random() - 1)));
      await next(chunk);
    },
  };
}

/** Sends what the rate allows in a tenth of a second, then pauses. */
function bandwidth({ rate }: { rate: number }, stream: Stream): Applied {
  const size = Math.max(1, Math.round(rate * 102.4));
  return {
    data: async (chunk, next) => {
      for (let at = 0; at < chunk.length && !stream.isClosed(); at += size) {
        const piece = chunk.subarray(at, at + size);
        await stream.sleep((100 * piece.length) / size);
        await next(piece);
      }
    },
  };
}

function timeout({ timeout: ms }: { timeout: number }, stream: Stream): Applied {
  let met = false;
  return {
    data: async () => {
      if (met) return;
      met = true;
      if (ms === 0) {
        stream.stalled();
      } else {
        await stream.sleep(ms);
        stream.cut('end');
      }
    },
  };
}

function resetPeer({ timeout: ms }: { timeout: number }, stream: Stream): Applied {
  let met = false;
  return {
    data: async (chunk, next) => {
      if (ms > 0) await next(chunk);
      if (met) return;
      met = true;
      if (ms > 0) await stream.sleep(ms);
      stream.cut('reset');
    },
  };
}

function slicer(
  { average_size: average, size_variation: variation = 0, delay = 0 }: Attributes<'slicer'>,
  stream: Stream,
): Applied {
  return {
    data: async (chunk, next) => {
      let rest = chunk;
      while (rest.length > 0 && !stream.isClosed()) {
        const size = Math.max(1, Math.round(average + variation * (2 * stream.random() - 1)));
        await next(rest.subarray(0, size));
        rest = rest.subarray(size);
        await stream.sleep(delay / 1000);
      }
    },
  };
}

type Attributes<T extends Toxic['type']> = Extract<Toxic, { type: T }>['attributes'];

function limitData({ bytes }: { bytes: number }, stream: Stream): Applied {
  let left = bytes;
  return {
    data: async (chunk, next) => {
      const passed = chunk.subarray(0, left);
      left -= passed.length;
      if (passed.length > 0) await next(passed);
      if (left === 0) stream.cut('end');
    },
  };
}

/** Collects a whole response, which has a `content-length` or is a 204, and sends another one. */
function rewriter(rewrite: (response: Buffer) => Rewritten, stream: Stream): Applied {
  let collected = Buffer.alloc(0);
  return {
    data: async (chunk, next) => {
      collected = Buffer.concat([collected, chunk]);
      const length = lengthOf(collected);
      if (collected.length < length) return;
      const response = collected;
      collected = Buffer.alloc(0);
      if (!stream.affectsNext()) return next(response);
      const { data, then, passed } = rewrite(response);
      if (data.length > 0) {
        const passing = next(data);
        passed?.();
        await passing;
      }
      if (then === 'hang') stream.stalled();
      else if (then !== 'keep') stream.cut(then);
    },
  };
}

/** The length of a response, head and body; `Infinity` while its head is incomplete. */
function lengthOf(response: Buffer): number {
  const end = response.indexOf('\r\n\r\n');
  if (end === -1) return Infinity;
  const length = /^content-length: *(\d+)/im.exec(response.toString('latin1', 0, end))?.[1] ?? '0';
  return end + 4 + Number(length);
}
