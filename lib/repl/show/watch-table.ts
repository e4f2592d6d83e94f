import type { Action } from '../..';
import { printable } from '../../util/text/sanitize';
import type { ProgressLine } from './progress-view';
import { type Screen, statusColour } from './style';
import { type Column, table } from './table';
import { bar, clip, duration } from './text-layout';

const BAR_WIDTH = 12;
/** Lines of the screen that the table leaves free: the header, the prompt and what is above. */
const LINES_AROUND = 5;

/** What a table of actions needs to know. */
interface WatchFacts {
  /** The date of the API, in milliseconds since 1970. */
  date: () => number;
  /** How long an action takes, in milliseconds. */
  typicalLength: () => number;
  /** What an action works on: `web-00-snapshot`. */
  resourceOf: (action: Action) => string;
}

/** The actions in progress as a table that changes. */
export class WatchTable implements ProgressLine {
  readonly isFinal = false;
  readonly #actions = new Map<number, Action>();

  constructor(
    private readonly screen: Screen,
    private readonly facts: WatchFacts,
  ) {}

  /** Those in progress. */
  get actions(): readonly Action[] {
    return [...this.#actions.values()];
  }

  /** Takes the present states of actions. @returns those shown before that have ended */
  update(states: readonly Action[]): Action[] {
    const ended = states.filter(({ id, inProgress }) => !inProgress && this.#actions.delete(id));
    for (const action of states) if (action.inProgress) this.#actions.set(action.id, action);
    return ended;
  }

  /** A line for an action that has ended. */
  endedLine(action: Action): string {
    const status = printable(action.status ?? 'unknown');
    const mark =
      statusColour(status) === 'red' ? this.screen.paint('red', '✖') : this.screen.paint('green', '✔');
    const { type, regionSlug, startedAt, completedAt } = action;
    const took =
      startedAt && completedAt ? ` after ${duration(completedAt.getTime() - startedAt.getTime())}` : '';
    const to = regionSlug ? ` (${regionSlug})` : '';
    const text = `${type ?? 'action'} of ${this.facts.resourceOf(action)}${to}  ${status}${took}`;
    return `${mark} ${clip(printable(text), this.screen.columns - 3)}`;
  }

  text(columns: number): string {
    const { paint, rows } = this.screen;
    const all = this.actions;
    if (all.length === 0)
      return paint('dim', clip('No action is in progress. Ctrl-C ends the watch.', columns));
    const room = Math.max(1, rows - LINES_AROUND);
    const shown = all.length > room ? all.slice(0, room - 1) : all;
    const more = all.length - shown.length;
    return (
      table(shown, this.#columns(), columns, paint) +
      (more > 0 ? `\n${paint('dim', `… and ${more} more`)}` : '')
    );
  }

  #columns(): Column<Action>[] {
    const age = ({ startedAt }: Action): number =>
      startedAt ? Math.max(0, this.facts.date() - startedAt.getTime()) : 0;
    return [
      { title: 'type', text: ({ type }) => type ?? 'action' },
      { title: 'of', text: (action) => this.facts.resourceOf(action), least: 12 },
      { title: 'region', text: ({ regionSlug }) => regionSlug ?? '' },
      { title: 'age', text: (action) => duration(age(action)), right: true },
      {
        title: 'progress',
        text: (action) => {
          const { full, empty } = bar(1 - Math.exp(-age(action) / this.facts.typicalLength()), BAR_WIDTH);
          return full + empty;
        },
        colour: () => 'cyan',
      },
      { title: 'action', text: ({ id }) => String(id), right: true },
    ];
  }
}
