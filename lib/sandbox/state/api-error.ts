/** The `id` of an error body by status. Other statuses have `server_error`. */
const ERROR_IDS: Record<number, string> = {
  400: 'bad_request',
  401: 'Unauthorized', // with a capital in recordings, unlike in the document
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'precondition_failed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'unprocessable_entity',
  429: 'too_many_requests',
  503: 'service_unavailable',
};

/** The default message by status, as it was observed where the API's document has another. */
const ERROR_MESSAGES: Record<number, string> = {
  401: 'Unable to authenticate you',
  403: 'You do not have permission to perform this action.',
  404: 'The resource you were accessing could not be found.',
  409: 'The request could not be completed due to a conflict.',
  413: 'The request body is too large.',
  415: 'The content type of the request body must be application/json.',
  422: 'request payload validation failed',
  429: 'Too many requests',
  503: 'Service is currently unavailable.',
};

/** The `id` of an error body with this status. */
export function errorId(status: number): string {
  return ERROR_IDS[status] ?? 'server_error';
}

/** The default message of an error body with this status. */
export function errorMessage(status: number): string {
  return ERROR_MESSAGES[status] ?? 'Unexpected server-side error';
}

/** A request that the API refuses. It becomes an error response. */
export class ApiError extends Error {
  /** @param body replaces the usual body of an error */
  constructor(
    readonly status: number,
    message = errorMessage(status),
    readonly body: object = { id: errorId(status), message },
  ) {
    super(message);
  }
}
