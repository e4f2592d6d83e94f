import { Presets, SingleBar } from 'cli-progress';
import type { Action, Progress } from '../../lib';
import { duration } from './run';

/** Shows how a wait goes: a bar in a terminal, a line for each look anywhere else. */
export interface ProgressView {
  onProgress: (progress: Progress<Action>) => void;
  stop: () => void;
}

/**
 * DigitalOcean does not say how far a transfer is, so a bar can only show the time it took against the time it usually
 * takes; it is full when the action has ended.
 * @param usual milliseconds
 */
export function showProgress(usual: number, print: (line: string) => void): ProgressView {
  return process.stdout.isTTY ? bar(usual) : lines(print);
}

function bar(usual: number): ProgressView {
  const view = new SingleBar(
    { format: '   {bar} {time}, look {looks}: {status}', hideCursor: true },
    Presets.shades_classic,
  );
  view.start(usual, 0, { time: '0 s', looks: 0, status: 'started' });
  return {
    onProgress: ({ state: action, elapsed, polls: looks }) => {
      // Not full before it is done, however long it takes.
      const value = action.done ? usual : Math.min(elapsed, 0.95 * usual);
      view.update(value, { time: duration(elapsed), looks, status: action.status });
    },
    stop: () => view.stop(),
  };
}

function lines(print: (line: string) => void): ProgressView {
  return {
    onProgress: ({ state: action, elapsed, polls: looks }) =>
      print(`   look ${looks} after ${duration(elapsed)}: ${String(action.status)}`),
    stop: () => undefined,
  };
}
