import type { PruneProgress } from '../..';
import { printable } from '../../util/text/sanitize';
import type { ProgressLine, ProgressView } from './progress-view';
import type { Paint } from './style';
import { bar, clip, widthOf } from './text-layout';

const BAR_WIDTH = 20;

/** How far the deletion of images is, as a line of the progress view. */
export class PruneLine implements ProgressLine {
  readonly isFinal = false;
  #progress: PruneProgress | null = null;

  constructor(
    private readonly view: ProgressView | null,
    private readonly paint: Paint,
  ) {}

  /** Shows the line once an image is deleted: before, there may be a question. */
  update(progress: PruneProgress): void {
    const isShown = this.#progress !== null;
    if (!isShown && progress.result.outcome !== 'deleted') return;
    this.#progress = progress;
    if (!isShown) this.view?.add(this);
  }

  end(): void {
    this.view?.remove(this);
  }

  text(columns: number): string {
    if (this.#progress === null) return '';
    const { done, total, result } = this.#progress;
    const { full, empty } = bar(done / total, BAR_WIDTH);
    const count = `${done} of ${total} images`;
    const last = `, last ${printable(result.image.name)} ${result.outcome}`;
    const room = columns - BAR_WIDTH - 2 - widthOf(count);
    if (room < 0) return clip(count, columns);
    return `${this.paint('cyan', full)}${this.paint('dim', empty)}  ${count}${room > 10 ? clip(last, room) : ''}`;
  }
}
