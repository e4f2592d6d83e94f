import { Presets, SingleBar } from 'cli-progress';
import type { Action, Progress } from '../../lib';
import { duration } from './run';

/** Shows the progress of a wait: a bar in a terminal, otherwise a line for each poll. */
export interface ProgressView {
  onProgress: (progress: Progress<Action>) => void;
  stop: () => void;
}

/**
 * The API does not report the progress of a transfer, so the bar shows the elapsed time against the usual time. It is full
 * only when the action has ended.
 * @param usual milliseconds
 */
export function showProgress(usual: number, print: (line: string) => void): ProgressView {
  return process.stdout.isTTY ? bar(usual) : lines(print);
}

function bar(usual: number): ProgressView {
  const view = new SingleBar(
    { format: '   {bar} {time}, poll {polls}: {status}', hideCursor: true },
    Presets.shades_classic,
  );
  view.start(usual, 0, { time: '0 s', polls: 0, status: 'started' });
  return {
    onProgress: ({ state, elapsed, polls }) => {
      const value = state.done ? usual : Math.min(elapsed, 0.95 * usual);
      view.update(value, { time: duration(elapsed), polls, status: state.status });
    },
    stop: () => view.stop(),
  };
}

function lines(print: (line: string) => void): ProgressView {
  return {
    onProgress: ({ state, elapsed, polls }) =>
      print(`   poll ${polls} after ${duration(elapsed)}: ${String(state.status)}`),
    stop: () => undefined,
  };
}
