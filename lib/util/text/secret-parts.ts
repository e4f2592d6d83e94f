/** A shorter part of a secret may be in any text. */
export const MIN_PART = 12;

/** Each part of {@link MIN_PART} characters contains one of the pieces of this length that begin at its multiples. */
const PIECE = MIN_PART / 2;

/** Finds parts of a secret in texts, wherever they begin, in upper and lower case. */
export class SecretParts {
  readonly #secret: string;
  readonly #pieces: RegExp;
  /** Where the secret has a piece, by the piece. */
  readonly #places = new Map<string, number[]>();

  /** @param secret printable ASCII */
  constructor(secret: string) {
    this.#secret = secret.toLowerCase();
    for (let at = 0; at + PIECE <= secret.length; at += PIECE) {
      const piece = this.#secret.slice(at, at + PIECE);
      this.#places.set(piece, [...(this.#places.get(piece) ?? []), at]);
    }
    const sources = [...this.#places.keys()].map((piece) => piece.replace(/[^a-z0-9]/g, '\\$&'));
    this.#pieces = new RegExp(sources.join('|'), 'gi');
  }

  /** The text with `placeholder` in place of every part of 12 characters or more. */
  hide(text: string, placeholder: string): string {
    if (this.#secret.length < MIN_PART) return text;
    let hidden = '';
    let end = 0;
    const pieces = this.#pieces;
    pieces.lastIndex = 0;
    for (let match = pieces.exec(text); match; match = pieces.exec(text)) {
      const [from, to] = this.#partAround(text, match.index, end);
      // Another piece may begin inside this one.
      pieces.lastIndex = match.index + 1;
      if (to - from < MIN_PART) continue;
      hidden += text.slice(end, from) + placeholder;
      end = pieces.lastIndex = to;
    }
    return end === 0 ? text : hidden + text.slice(end);
  }

  /** The longest part of the secret around a piece of it. @param floor where the last part ended */
  #partAround(text: string, index: number, floor: number): [from: number, to: number] {
    let longest: [from: number, to: number] = [index, index];
    for (const place of this.#places.get(text.slice(index, index + PIECE).toLowerCase()) ?? []) {
      let [from, to] = [index, index + PIECE];
      while (from > floor && this.#isAt(text, from - 1, place - index)) from -= 1;
      while (this.#isAt(text, to, place - index)) to += 1;
      if (to - from > longest[1] - longest[0]) longest = [from, to];
    }
    return longest;
  }

  #isAt(text: string, at: number, shift: number): boolean {
    const expected = this.#secret[at + shift];
    return expected !== undefined && text[at]?.toLowerCase() === expected;
  }
}
