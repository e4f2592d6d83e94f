export { DOApi, type ImageFilter } from './doapi';
export type { RequestOptions } from './manager';
export type { NewImage } from './new-image';
export type { DOApiOptions } from './options';
export { Image, ImageImportError, type ImageStatus, type ImageType } from './image';
export type { ImageChanges } from './image-changes';
export { Action, ActionError, type ActionStatus } from './action';
export type { ActionBody, ActOptions } from './actionable';
export { Region, type RegionLike } from './region';
export type { ReplicateOptions, Replication } from './replicate';
export { Listing, type ListingOptions, type Page } from './listing';
export { WaitTimeoutError, type Progress, type WaitOptions } from './waiting/patience';
export {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  DOApiError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  type RateLimit,
  RedirectError,
  ResponseError,
  ServerError,
  TimeoutError,
  UnexpectedResponseError,
  UnprocessableError,
} from './core/errors';
export type { RateLimitBudget } from './core/rate-limits';
export { UnknownOutcomeError } from './core/unknown-outcome';
export type { Hooks, Logger, RequestEvent, ResponseEvent, RetryEvent } from './core/hooks';
export type { TokenSource } from './core/token';
export type {
  TransportAdapter,
  TransportOptions,
  TransportRequest,
  TransportResponse,
} from './core/transport';
export type { Cancellable, Method, Params } from './core/requester';
export type { Clock } from './core/clock';
