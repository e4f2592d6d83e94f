/** A token that no output may contain, not even in part. */
export const CANARY = 'dop_v1_3a91f8c64d2be705b16c0e9a7d48f352c86e1b07942fd5a30ce7915fb8246d3c';

/** The length of the shortest part that counts as a leak. */
const FRAGMENT = 12;

/** Forms of the token: plain, in the three alignments of base64, and percent-encoded. */
const FORMS = [
  CANARY,
  ...['', 'x', 'xx'].map((before) =>
    Buffer.from(before + CANARY)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === '' ? 0 : 4),
  ),
  Buffer.from(CANARY).toString('hex').replace(/../g, '%$&'),
];

/**
 * Every fragment of 12 characters contains one of these pieces of 6, wherever it begins. One regular expression finds
 * them fast; fragments are searched only after a match.
 */
const PIECES = new RegExp(
  FORMS.flatMap((form) =>
    Array.from({ length: Math.floor(form.length / 6) }, (_, at) => form.slice(at * 6, at * 6 + 6)),
  )
    .map((piece) => piece.replace(/[^A-Za-z0-9]/g, '\\$&'))
    .join('|'),
);

const FRAGMENTS = FORMS.flatMap((form) =>
  Array.from({ length: form.length - FRAGMENT + 1 }, (_, at) => form.slice(at, at + FRAGMENT)),
);

/** The part of the token that `text` contains, or `null`. */
export function traceIn(text: string): string | null {
  if (!PIECES.test(text)) return null;
  return FRAGMENTS.find((fragment) => text.includes(fragment)) ?? null;
}
