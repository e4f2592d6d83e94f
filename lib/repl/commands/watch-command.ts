import type { Action, DOApi } from '../..';
import { WatchTable } from '../show/watch-table';
import { sleep } from '../../util/clock';
import type { CommandContext } from './command';

/** Shows the actions in progress until Ctrl-C; without a terminal once. */
export function watchActions(context: CommandContext): Promise<unknown> {
  return context.view === null ? once(context.scope.api) : watch(context);
}

async function once(api: DOApi): Promise<Action[] | string> {
  const { items } = await api.fetchAllActions().page(1);
  const inProgress = items.filter((action) => action.inProgress);
  return inProgress.length > 0 ? inProgress : 'No action is in progress.';
}

async function watch({
  scope,
  screen,
  print,
  evaluation,
  view,
  waits,
  nameOf,
}: CommandContext): Promise<void> {
  const { api, clock } = scope;
  const { signal } = evaluation;
  const table = new WatchTable(screen, {
    date: () => clock.date(),
    typicalLength: () => waits.typicalLength,
    resourceOf: ({ resourceType, resourceId }) => {
      const kind = resourceType === 'image' || resourceType === 'droplet' ? resourceType : null;
      const name = kind && nameOf(kind, String(resourceId));
      return name ?? `${resourceType ?? ''} ${resourceId ?? ''}`.trim();
    },
  });
  view?.add(table);
  try {
    for (;;) {
      const states = await presentStates(api, table.actions);
      for (const action of table.update(states)) print(`${table.endedLine(action)}\n`);
      await sleep(clock, api.waitInterval, signal);
    }
  } finally {
    view?.remove(table);
  }
}

/**
 * The newest actions of the account, in one request for all of them, those that are new since included. Only one in progress
 * that is older than a page of actions needs a request of its own.
 */
async function presentStates(api: DOApi, known: readonly Action[]): Promise<Action[]> {
  const { items } = await api.fetchAllActions().page(1);
  const ids = new Set(items.map(({ id }) => id));
  const older = known.filter(({ id }) => !ids.has(id));
  return [...items, ...(await Promise.all(older.map(({ id }) => api.fetchAction(id))))];
}
