import {
  Action,
  Droplet,
  Image,
  type PlannedImage,
  type PrunePlan,
  type PruneResult,
  Region,
  type Replication,
  Snapshot,
} from '../..';
import { type Colour, type Paint, statusColour } from './style';
import { type Column, table } from './table';
import { age, duration, gigabytesText, wrap } from './text-layout';

const colourOf = (status: string | null): Colour | null => (status === null ? null : statusColour(status));

const since = (date: Date | null, now: number): string => (date ? age(now - date.getTime()) : '');

/** The first two names, and how many more. */
function abbreviate(names: readonly string[]): string {
  const [first = '', second = ''] = names;
  return names.length <= 2 ? names.join(' ') : `${first} ${second} +${names.length - 2}`;
}

/** The most important first; a narrow table leaves out the last ones. */
const imageColumns = (now: number): Column<Image>[] => [
  { title: 'id', text: ({ id }) => String(id), right: true },
  { title: 'slug or name', text: ({ slug, name }) => slug ?? name, least: 16 },
  { title: 'status', text: ({ status }) => status ?? '', colour: ({ status }) => colourOf(status) },
  { title: 'regions', text: ({ regions }) => abbreviate(regions) },
  { title: 'type', text: ({ type }) => type ?? '' },
  { title: 'age', text: ({ createdAt }) => since(createdAt, now), right: true },
  { title: 'GB', text: ({ sizeGigabytes }) => sizeGigabytes?.toFixed(1) ?? '', right: true },
  { title: 'distribution', text: ({ distribution }) => distribution ?? '', isExtra: true },
  { title: 'tags', text: ({ tags }) => tags.join(' '), least: 8 },
];

const dropletColumns = (now: number): Column<Droplet>[] => [
  { title: 'id', text: ({ id }) => String(id), right: true },
  { title: 'name', text: ({ name }) => name, least: 12 },
  {
    title: 'status',
    text: ({ status, locked }) => (locked ? `${status ?? ''} locked` : (status ?? '')),
    colour: ({ status, locked }) => (locked ? 'yellow' : colourOf(status)),
  },
  { title: 'size', text: ({ sizeSlug }) => sizeSlug ?? '' },
  { title: 'region', text: ({ region }) => region?.slug ?? '' },
  { title: 'address', text: ({ publicIPv4, publicIPv6 }) => publicIPv4 ?? publicIPv6 ?? '' },
  { title: 'image', text: ({ image }) => image?.slug ?? image?.name ?? '', least: 12 },
  { title: 'age', text: ({ createdAt }) => since(createdAt, now), right: true },
  { title: 'tags', text: ({ tags }) => tags.join(' '), least: 8 },
];

const snapshotColumns = (now: number): Column<Snapshot>[] => [
  { title: 'id', text: ({ id }) => id, right: true },
  { title: 'name', text: ({ name }) => name, least: 16 },
  { title: 'of', text: ({ resourceType, resourceId }) => `${resourceType ?? ''} ${resourceId}`, least: 18 },
  { title: 'regions', text: ({ regions }) => abbreviate(regions) },
  { title: 'age', text: ({ createdAt }) => since(createdAt, now), right: true },
  { title: 'GB', text: ({ sizeGigabytes }) => sizeGigabytes?.toFixed(1) ?? '', right: true },
  { title: 'min. disk', text: ({ minDiskSize }) => String(minDiskSize ?? ''), right: true },
  { title: 'tags', text: ({ tags }) => tags.join(' '), least: 8 },
];

const actionColumns = (now: number): Column<Action>[] => [
  { title: 'id', text: ({ id }) => String(id), right: true },
  { title: 'type', text: ({ type }) => type ?? '' },
  { title: 'status', text: ({ status }) => status ?? '', colour: ({ status }) => colourOf(status) },
  { title: 'region', text: ({ regionSlug }) => regionSlug ?? '' },
  { title: 'of', text: ({ resourceType, resourceId }) => `${resourceType ?? ''} ${resourceId ?? ''}`.trim() },
  {
    title: 'started',
    text: ({ startedAt }) => (startedAt ? `${since(startedAt, now)} ago` : ''),
    right: true,
  },
  {
    title: 'took',
    text: ({ startedAt, completedAt }) =>
      startedAt && completedAt ? duration(completedAt.getTime() - startedAt.getTime()) : '',
    right: true,
  },
];

const regionColumns: Column<Region>[] = [
  { title: 'slug', text: ({ slug }) => slug },
  { title: 'name', text: ({ name }) => name },
  {
    title: 'new Droplets',
    text: ({ available }) => (available ? 'yes' : 'no'),
    colour: ({ available }) => (available ? 'green' : 'yellow'),
  },
  { title: 'features', text: ({ features }) => features.join(' '), least: 10 },
];

const replicationColumns: Column<Replication>[] = [
  { title: 'region', text: ({ region }) => region },
  {
    title: 'outcome',
    text: ({ outcome }) => outcome,
    colour: ({ outcome }) => (outcome === 'completed' || outcome === 'present' ? 'green' : 'red'),
  },
  { title: 'action', text: ({ action }) => String(action?.id ?? ''), right: true },
  { title: 'error', text: ({ error }) => error?.message ?? '', least: 16 },
];

/** An image of a plan, and what becomes of it. */
interface Verdict extends PlannedImage {
  isDeleted: boolean;
}

const dateText = (date: Date | null): string => date?.toISOString().slice(0, 16).replace('T', ' ') ?? '';

const planColumns: Column<Verdict>[] = [
  {
    title: '',
    text: ({ isDeleted }) => (isDeleted ? 'delete' : 'keep'),
    colour: ({ isDeleted }) => (isDeleted ? 'red' : 'green'),
  },
  { title: 'id', text: ({ image }) => String(image.id), right: true },
  { title: 'name', text: ({ image }) => image.name, least: 16 },
  { title: 'reason', text: ({ reason }) => reason, least: 20 },
  { title: 'created (UTC)', text: ({ image }) => dateText(image.createdAt) },
  { title: 'GB', text: ({ image }) => image.sizeGigabytes?.toFixed(1) ?? '', right: true },
  { title: 'group', text: ({ group }) => group, least: 8 },
];

/** Whether a value is a plan of any manager. */
export function isPlan(value: unknown): value is PrunePlan {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['delete', 'keep'].every((name) => Array.isArray((value as Record<string, unknown>)[name])) &&
    typeof (value as Partial<PrunePlan>).apply === 'function'
  );
}

/** A plan: what it deletes and what it keeps, all of it, and a sentence below, where it is seen. */
export function planView(plan: PrunePlan, width: number, paint: Paint): string {
  const rows = [
    ...plan.delete.map((one) => ({ ...one, isDeleted: true })),
    ...plan.keep.map((one) => ({ ...one, isDeleted: false })),
  ];
  const sentence = `Deletes ${plan.delete.length} of ${rows.length} images (${gigabytesText(plan.gigabytes)}), keeps ${plan.keep.length}.`;
  const summary = paint('dim', wrap(sentence, width));
  return rows.length === 0 ? summary : `${table(rows, planColumns, width, paint)}\n${summary}`;
}

const pruneColumns: Column<PruneResult>[] = [
  { title: 'id', text: ({ image }) => String(image.id), right: true },
  { title: 'name', text: ({ image }) => image.name, least: 16 },
  {
    title: 'outcome',
    text: ({ outcome }) => outcome,
    colour: ({ outcome }) =>
      outcome === 'failed' ? 'red' : outcome === 'deleted' || outcome === 'gone' ? 'green' : 'yellow',
  },
  {
    title: 'why',
    text: ({ reason, error }) => reason ?? (error instanceof Error ? error.message : ''),
    least: 16,
  },
];

function isPruneResult(item: unknown): item is PruneResult {
  return typeof item === 'object' && item !== null && 'outcome' in item && 'image' in item;
}

function isReplication(item: unknown): item is Replication {
  return (
    typeof item === 'object' &&
    item !== null &&
    Object.hasOwn(item, 'region') &&
    Object.hasOwn(item, 'outcome')
  );
}

const all = <T>(items: readonly unknown[], is: (item: unknown) => item is T): items is readonly T[] =>
  items.length > 0 && items.every(is);

/** Resources of one kind as a table; `null` for anything else. */
export function tableOf(items: readonly unknown[], width: number, paint: Paint, now: number): string | null {
  if (all(items, (item) => item instanceof Image)) return table(items, imageColumns(now), width, paint);
  if (all(items, (item) => item instanceof Droplet)) return table(items, dropletColumns(now), width, paint);
  if (all(items, (item) => item instanceof Snapshot)) return table(items, snapshotColumns(now), width, paint);
  if (all(items, (item) => item instanceof Action)) return table(items, actionColumns(now), width, paint);
  if (all(items, (item) => item instanceof Region)) return table(items, regionColumns, width, paint);
  if (all(items, isReplication)) return table(items, replicationColumns, width, paint);
  if (all(items, isPruneResult)) return table(items, pruneColumns, width, paint);
  return null;
}
