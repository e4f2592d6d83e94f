export { anAction, anImage, aRegion, type ActionSeed, type ImageSeed } from './state/builders';
export type { Duration } from './state/durations';
export type { Fault, FaultRule, FaultTarget } from './faults/fault-rules';
export type { FaultKind, FaultOptions } from './faults/fault-options';
export type { Listening } from './server/http-server';
export type { ListenOptions, SandboxOptions, SandboxSnapshot } from './sandbox-options';
export type { SandboxRateLimit } from './server/request-quota';
export type { SandboxRequest } from './server/request-log';
export { Sandbox } from './sandbox';
export type { ClockChoice } from './clock/sandbox-clock';
export { VIRTUAL_START } from './clock/virtual-clock';
export type {
  AccountJson,
  ActionJson,
  AddressJson,
  DiskJson,
  DropletJson,
  ImageJson,
  RegionJson,
  SizeJson,
  SnapshotJson,
} from './state/api-json';
export type { DropletSeed } from './state/droplets/droplet-seeds';
export type {
  AccountTransferRecord,
  ActionRecord,
  DropletRecord,
  DropletState,
  ImageRecord,
  LonePageLinks,
  TagRecord,
  WorldEvent,
  WorldState,
} from './state/world-state';
