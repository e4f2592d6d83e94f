export { DOApi, type ImageFilter } from './doapi';
export type { PaginateOptions, RequestOptions } from './request-options';
export type { DOApiOptions } from './options';
export { Image, ImageImportError } from './image';
export type { ImageChanges, ImageStatus, ImageType, NewImage } from './image-params';
export type { ImageRecipient } from './image-offer';
export type { ImageQuery } from './image-query';
export type { TimeSpan } from './util/options/time-spans';
export { Action, ActionError, type ActionStatus } from './action';
export type { ActionBody, ActOptions } from './actionable';
export type { DropletStatus } from './droplet';
export type { DropletFilter } from './droplet-client';
export type { BackupWindow, NetworkInterface, Networks } from './droplet-networks';
export type { ImageLike, NewDroplet, NewDroplets, ResizeOptions } from './droplet-params';
export type { NewDropletOfImage } from './new-droplet';
export type { TakeSnapshotOptions } from './take-snapshot';
export type { SnapshotResourceType } from './snapshot';
export type { SnapshotFilter } from './snapshot-client';
export {
  CreateDropletsError,
  DropletCreationError,
  Droplet,
  ImageOffer,
  PrunePlan,
  Snapshot,
} from './lazy-classes';
export type { CreateFailure } from './errors/droplet-errors';
export { Region, type RegionLike, type RegionSlug } from './region';
export type { GroupBy } from './prune/image-groups';
export type { PlannedImage, PruneResult } from './prune/plan-entries';
export type { PlannedImageJson, PrunePlanJson } from './prune/plan-json';
export type { ApplyOptions, PruneOptions, PruneProgress } from './prune/prune-options';
export type { RetentionPolicy } from './prune/retention-policy';
export type { ReplicateOptions, Replication } from './replicate';
export type { Page } from './pagination/delivered-page';
export { Listing, type ListingOptions } from './pagination/listing';
export { WaitActionsError, type WaitFailure } from './errors/wait-actions';
export { WaitTimeoutError } from './errors/wait-timeout';
export type { WaitOptions } from './polling/wait-options';
export type { Progress } from './model/wait-target';
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
} from './errors/errors';
export { LookupError } from './errors/lookup';
export type { RateLimitBudget } from './rate-limit/limits';
export { ReadOnlyError } from './errors/read-only';
export type { RateLimiterStatus } from './rate-limit/limiter-status';
export { UnknownOutcomeError } from './errors/unknown-outcome';
export type { Hooks, Logger, QueueEvent, RequestEvent, ResponseEvent, RetryEvent } from './http/hooks';
export type { TokenSource } from './http/token';
export type {
  TransportAdapter,
  TransportOptions,
  TransportRequest,
  TransportResponse,
} from './http/transport/types';
export type { Cancellable, CallOptions, Method, Params } from './model/requester';
export type { TracedAttempt, TracedCall, TracedWait } from './model/trace-channels';
export type { PermitGrant, PermitReport, SharedPermits } from './shared-permits';
export type { PollDemand, PollDemands, PollNews, PollReport, SharedPolls, SharedState } from './shared-polls';
export type { SharedStore } from './shared-store';
export type { Clock } from './util/clock';
export type { AbortSignalLike, AgentLike, GlobalAbortSignal } from './util/platform-types';
