import type * as DropletModule from './droplet';
import type * as DropletErrorsModule from './errors/droplet-errors';
import type * as OfferModule from './image-offer';
import type * as PlanModule from './prune/prune-plan';
import type * as SnapshotModule from './snapshot';
import { withoutPollution } from './util/options/own-options';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at its first use, synchronously */
const loadDroplet = (): typeof DropletModule =>
  withoutPollution(() => require('./droplet') as typeof DropletModule);
const loadErrors = (): typeof DropletErrorsModule =>
  withoutPollution(() => require('./errors/droplet-errors') as typeof DropletErrorsModule);
const loadOffer = (): typeof OfferModule =>
  withoutPollution(() => require('./image-offer') as typeof OfferModule);
const loadPlan = (): typeof PlanModule =>
  withoutPollution(() => require('./prune/prune-plan') as typeof PlanModule);
const loadSnapshot = (): typeof SnapshotModule =>
  withoutPollution(() => require('./snapshot') as typeof SnapshotModule);
/* eslint-enable @typescript-eslint/no-require-imports */

const classes = {
  Droplet: () => loadDroplet().Droplet,
  ImageOffer: () => loadOffer().ImageOffer,
  PrunePlan: () => loadPlan().PrunePlan,
  Snapshot: () => loadSnapshot().Snapshot,
  CreateDropletsError: () => loadErrors().CreateDropletsError,
  DropletCreationError: () => loadErrors().DropletCreationError,
};

// A program without Droplets and plans does not pay for their classes: each is loaded when its name is first read. What is declared
// below has no value of its own.
for (const [name, get] of Object.entries(classes))
  Object.defineProperty(exports, name, { __proto__: null, enumerable: true, get } as PropertyDescriptor);

export declare const Droplet: typeof DropletModule.Droplet;
export type Droplet = DropletModule.Droplet;
export declare const ImageOffer: typeof OfferModule.ImageOffer;
export type ImageOffer = OfferModule.ImageOffer;
export declare const PrunePlan: typeof PlanModule.PrunePlan;
export type PrunePlan = PlanModule.PrunePlan;
export declare const Snapshot: typeof SnapshotModule.Snapshot;
export type Snapshot = SnapshotModule.Snapshot;
export declare const CreateDropletsError: typeof DropletErrorsModule.CreateDropletsError;
export type CreateDropletsError<T = unknown> = DropletErrorsModule.CreateDropletsError<T>;
export declare const DropletCreationError: typeof DropletErrorsModule.DropletCreationError;
export type DropletCreationError = DropletErrorsModule.DropletCreationError;
