import { Droplet } from './droplet';
import type { NewDroplets } from './droplet-params';
import { DOApiError, PermissionDeniedError } from './errors/errors';
import { Image } from './image';
import { Mismatch, type JsonObject } from './model/fields';
import type { CallOptions, Requester } from './model/requester';
import { hydrate } from './model/resource';
import { Listing, type ListingOptions } from './pagination/listing';
import { adoptLost, claim, findCreatedDroplets } from './reconcile';
import { forEachConcurrently } from './util/concurrency';

/** The most Droplets that one request creates. */
const MAX_NAMES = 10;

/** Requests at the same time. */
const CONCURRENCY = 4;

/** Droplets to create, checked. */
export type DropletOrder = Omit<NewDroplets, 'wait'> & { region: string; image: number | string };
