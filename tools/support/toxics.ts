/** Which traffic a toxic meets. */
interface Target {
  /** `upstream`: what the client sends; `downstream`, the default: what it gets. */
  stream?: 'upstream' | 'downstream';
  /** How likely a connection is to meet it, from 0 to 1; default 1. */
  toxicity?: number;
  /** How many connections (for `rewrite`: answers) meet it; default: all. */
  times?: number;
}

/** What becomes of an answer in place of what the server sent. */
export interface Rewritten {
  data: Buffer;
  /** Afterwards the connection is kept, ended in order, reset, or left hanging. */
  then: 'keep' | 'end' | 'reset' | 'hang';
}

/**
 * What can go wrong on a connection. Names and attributes are those of toxiproxy; times are milliseconds, but the
 * `delay` of `slicer`, as there, microseconds. `rewrite` is ours: for what only one who reads HTTP can do.
 */
export type Toxic = Target &
  (
    | { type: 'latency'; attributes: { latency: number; jitter?: number } }
    /** Kilobytes in a second. */
    | { type: 'bandwidth'; attributes: { rate: number } }
    | { type: 'slow_close'; attributes: { delay: number } }
    /** Nothing passes; the connection ends after so long, with 0 never. */
    | { type: 'timeout'; attributes: { timeout: number } }
    /** A true RST, in place of the first data, or so long after it. */
    | { type: 'reset_peer'; attributes: { timeout: number } }
    | { type: 'slicer'; attributes: { average_size: number; size_variation?: number; delay?: number } }
    | { type: 'limit_data'; attributes: { bytes: number } }
    | { type: 'rewrite'; attributes: { answer: (answer: Buffer) => Rewritten } }
  );

/** One direction of one connection, as a toxic sees it. */
export interface Stream {
  sleep: (ms: number) => Promise<void>;
  /** From 0 to 1. */
  random: () => number;
  /** Ends the connection for both sides. */
  cut: (how: 'end' | 'reset') => void;
  /** Called when nothing will come any more, although the connection stands. */
  stalled: () => void;
  /** Whether another answer meets this toxic: counts it if so. */
  meetsAgain: () => boolean;
}

export type Next = (data: Buffer) => Promise<void>;

/** A toxic at work on one stream. */
export interface Working {
  data: (chunk: Buffer, next: Next) => Promise<void>;
  /** The source has ended; resolves when the other side may hear of it. */
  end?: () => Promise<void>;
}

/** Starts a toxic on a stream. */
export function start(toxic: Toxic, stream: Stream): Working {
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
      return rewriter(toxic.attributes.answer, stream);
  }
}

const pass: Working['data'] = (chunk, next) => next(chunk);

function latency({ latency: ms, jitter = 0 }: { latency: number; jitter?: number }, stream: Stream): Working {
  return {
    data: async (chunk, next) => {
      await stream.sleep(Math.max(0, ms + jitter * (2 * stream.random() - 1)));
      await next(chunk);
    },
  };
}

/** In pieces of a tenth of a second. */
function bandwidth({ rate }: { rate: number }, stream: Stream): Working {
  const size = Math.max(1, Math.round(rate * 102.4));
  return {
    data: async (chunk, next) => {
      for (let at = 0; at < chunk.length; at += size) {
        const piece = chunk.subarray(at, at + size);
        await stream.sleep((100 * piece.length) / size);
        await next(piece);
      }
    },
  };
}

function timeout({ timeout: ms }: { timeout: number }, stream: Stream): Working {
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

function resetPeer({ timeout: ms }: { timeout: number }, stream: Stream): Working {
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
): Working {
  return {
    data: async (chunk, next) => {
      let rest = chunk;
      while (rest.length > 0) {
        const size = Math.max(1, Math.round(average + variation * (2 * stream.random() - 1)));
        await next(rest.subarray(0, size));
        rest = rest.subarray(size);
        await stream.sleep(delay / 1000);
      }
    },
  };
}

type Attributes<T extends Toxic['type']> = Extract<Toxic, { type: T }>['attributes'];

function limitData({ bytes }: { bytes: number }, stream: Stream): Working {
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

/** Waits until an answer is whole, which has a `content-length` or is a 204, and sends another one instead. */
function rewriter(rewrite: (answer: Buffer) => Rewritten, stream: Stream): Working {
  let collected = Buffer.alloc(0);
  return {
    data: async (chunk, next) => {
      collected = Buffer.concat([collected, chunk]);
      const length = lengthOf(collected);
      if (collected.length < length) return;
      const answer = collected;
      collected = Buffer.alloc(0);
      if (!stream.meetsAgain()) return next(answer);
      const { data, then } = rewrite(answer);
      if (data.length > 0) await next(data);
      if (then === 'hang') stream.stalled();
      else if (then !== 'keep') stream.cut(then);
    },
  };
}

/** How long an answer is, head and body; `Infinity` while its head is not complete. */
function lengthOf(answer: Buffer): number {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return Infinity;
  const length = /^content-length: *(\d+)/im.exec(answer.toString('latin1', 0, end))?.[1] ?? '0';
  return end + 4 + Number(length);
}
