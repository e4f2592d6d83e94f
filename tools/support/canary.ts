/** The token of all specs of trust: it looks like a real one, and no part of it may be seen anywhere. */
export const CANARY = 'dop_v1_3a91f8c64d2be705b16c0e9a7d48f352c86e1b07942fd5a30ce7915fb8246d3c';

/** So much of a token is a leak already. */
const FRAGMENT = 12;

/** The token as it may be written down: as it is, in the three ways base64 can cut it, and in a URL. */
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
 * Of a fragment of 12 characters, one of these is a part, wherever it begins: every sixth of the pieces of 6. They are
 * found fast, and only where one is found it is looked closely.
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

/** The part of the token that stands in `text`; `null` when none does. */
export function traceIn(text: string): string | null {
  if (!PIECES.test(text)) return null;
  return FRAGMENTS.find((fragment) => text.includes(fragment)) ?? null;
}
