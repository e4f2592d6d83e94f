import type { Bench } from '../program';
import type { Section } from '../section';
import { hydrate } from './hydrate';
import { list } from './list';
import { memory } from './memory';
import { million } from './million';
import { requests } from './requests';
import { start } from './start';
import { tracing } from './tracing';
import { weight } from './weight';

/** All measures, in the order of the document. */
export const MEASURES = { requests, list, hydrate, start, tracing, weight, million, memory } satisfies Record<
  string,
  (bench: Bench) => Promise<Section[]>
>;

export type MeasureName = keyof typeof MEASURES;
