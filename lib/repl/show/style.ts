import { inspect } from 'node:util';
import { statusTone } from '../../model/display';

export type Colour = 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Paints a text, or returns it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** The terminal that the session writes to. */
export interface Screen {
  colours: boolean;
  paint: Paint;
  /** The size at the moment. */
  readonly columns: number;
  readonly rows: number;
}

/** Whether to write colours to a stream: FORCE_COLOR, then NO_COLOR, then whether it is a terminal with colours. */
export function wantsColours(stream: NodeJS.WriteStream, env = process.env): boolean {
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR) return false;
  return stream.isTTY && stream.hasColors();
}

export function painter(colours: boolean): Paint {
  if (!colours) return (_, text) => text;
  return (colour, text) => {
    const [on, off] = inspect.colors[colour] ?? [];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

const TONE_COLOURS = { good: 'green', bad: 'red', pending: 'yellow' } as const;

/** The colour of a status. */
export function statusColour(status: string): Colour {
  return TONE_COLOURS[statusTone(status)];
}

/** The screen of a stream; 80 by 24 where it is no terminal, or one that does not report its size. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  const colours = wantsColours(stream);
  return {
    colours,
    paint: painter(colours),
    get columns() {
      return stream.isTTY && stream.columns > 0 ? Math.max(20, stream.columns) : 80;
    },
    get rows() {
      return stream.isTTY && stream.rows > 0 ? stream.rows : 24;
    },
  };
}
