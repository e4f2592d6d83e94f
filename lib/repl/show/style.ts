/** Colours a session speaks in. */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export type Colour = keyof typeof CODES;

/** Paints a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** Where things are shown. */
export interface Screen {
  colours: boolean;
  paint: Paint;
  /** Columns and lines there are now. */
  readonly columns: number;
  readonly rows: number;
}

/** Whether a stream wants colours: what FORCE_COLOR and NO_COLOR say, else whether it is a terminal that has them. */
export function wantsColours(stream: NodeJS.WriteStream, env = process.env): boolean {
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR) return false;
  return stream.isTTY && stream.hasColors();
}

export function painter(colours: boolean): Paint {
  if (!colours) return (_, text) => text;
  return (colour, text) => `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`;
}

const GOOD = new Set(['available', 'completed', 'present']);
const BAD = new Set(['errored', 'deleted', 'retired', 'refused', 'unknown', 'timed-out']);

/** The colour of a status. */
export function statusColour(status: string): Colour {
  return GOOD.has(status) ? 'green' : BAD.has(status) ? 'red' : 'yellow';
}
