/** The options of each kind of fault. Times are milliseconds unless the name says otherwise. */
export interface FaultOptions {
  /** Responds with an error, and does not execute the request. */
  status: {
    /** Default 500. */
    status?: number | undefined;
    /** DigitalOcean's name for the error; default: that of the status. */
    id?: string | undefined;
    /** Default: DigitalOcean's message for the status. */
    message?: string | undefined;
    /** All of the body: JSON, or a text as it is; default: `id` and `message`. */
    body?: unknown;
    /** Headers to add or replace; default: none. */
    headers?: Record<string, string> | undefined;
  };
  /** Executes the request, and responds with an error. */
  'status-after-execution': {
    /** Default 503. */
    status?: number | undefined;
    /** Default: DigitalOcean's message for the status. */
    message?: string | undefined;
  };
  /** Responds with a page of HTML, as a server between here and DigitalOcean does, and does not execute the request. */
  html: {
    /** Default 502. */
    status?: number | undefined;
  };
  /** Responds with a 429 for too many requests in a moment. */
  'burst-limit': {
    /** Its `retry-after`; default 29. */
    retryAfterSeconds?: number | undefined;
  };
  /** Responds with a 429 for too many requests in an hour. */
  'hourly-limit': {
    /** When its `ratelimit-reset` is, in seconds from now; negative: in the past; default 3,600. */
    resetSeconds?: number | undefined;
  };
  /** Responds with a redirect. */
  redirect: {
    /** 300 to 399; default 302. */
    status?: number | undefined;
    /** Its `location`; default: a URL of another host. */
    to?: string | undefined;
  };
  /** Executes the request, and responds later. */
  delay: {
    /** How much later; default 1,000. */
    ms?: number | undefined;
  };
  /** Refuses the connection. */
  refused: object;
  /** Resets the connection, and does not execute the request. */
  'reset-before-execution': object;
  /** Executes the request, and resets the connection. */
  'reset-after-execution': object;
  /** Never responds, and does not execute the request. */
  'stall-before-execution': object;
  /** Executes the request, and never responds. */
  'stall-after-execution': object;
  /** Sends half of the body, and then nothing. */
  'stall-in-body': object;
  /** Sends half of the body, and ends the connection. */
  'cut-in-body': object;
  /** Sends the body byte by byte. */
  drip: {
    /** The time between two bytes; default 100. */
    every?: number | undefined;
  };
  /** Sends bytes that are not HTTP. */
  'not-http': object;
  /** Sends a body without content. */
  empty: object;
  /** Sends half of the JSON, as if it were all. */
  'truncated-json': object;
  /** Sends a body that is not JSON. */
  'invalid-json': object;
  /** Sends fields with values of other types. */
  'wrong-types': object;
  /** Sends the body under another key. */
  'wrong-root': object;
  /** Sends a body that is too large to be read. */
  oversized: {
    /** Its length; default 11 MiB. */
    bytes?: number | undefined;
  };
  /** Sends another body. */
  altered: {
    /** Makes the body that is sent of the one that would be. */
    alter: (body: unknown) => unknown;
  };
  /** Sends a page whose link to the next one leads to another host. */
  'foreign-link': {
    /** The link; default: a URL of another host. */
    to?: string | undefined;
  };
  /** Changes the list before a page after the first is read. */
  drift: {
    /** What happens at its beginning; default `insert`. */
    change?: 'insert' | 'delete' | undefined;
  };
  /** Starts an action that will end as errored. */
  'errored-action': object;
  /** Starts an import that will fail. */
  'failed-import': {
    /** The reason that the image gives; default: a sentence. */
    message?: string | undefined;
  };
}

/** The name of a fault: see the table in docs/testing.md. */
export type FaultKind = keyof FaultOptions;
