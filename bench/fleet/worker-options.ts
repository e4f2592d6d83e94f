/** What a worker of the bench does. Sent to it as JSON. */
export interface WorkerOptions {
  client: 'doapi-ts' | 'doapi-ts without a store' | 'bottleneck' | 'rate-limiter-flexible';
  /** Its number: part of each request, so that the server can tell the workers apart. */
  worker: number;
  url: string;
  token: string;
  redisPort: number;
  /** Seconds of the windows in a second of the machine. */
  speed: number;
  /** How far the date of this worker is wrong, in milliseconds. */
  dateOffset: number;
  calls: number;
  perHour: number;
  /** The actions that it waits for. */
  actions: readonly number[];
}

/** What a worker tells when it is done. */
export interface WorkerResult {
  answers: number;
  refusals: number;
  waits: number;
  exchanges: number;
  warnings: number;
  /** When it sent its polls: dates of the machine, in milliseconds. */
  polls: number[];
}
