/**
 * A member reports this often in an interval. The other times follow from it, so that a leader that stops is replaced, and
 * the states of the next one are known, within a pause.
 */
export const BEATS = 8;
/** In beats: how long it leads without another report. */
export const LEASE = 4;
/**
 * In beats: how long it waits for the state of a poll that is due, before it takes the place of the leader; before it polls
 * itself.
 */
export const GRACE = { least: 3, most: 12 * BEATS };
/** In beats: how soon states are reported, so that those of one round go together. */
export const SOON = 1 / 4;
/** The shortest beat, in milliseconds: a store on the network takes a part of it. */
export const MIN_BEAT = 50;
/** The longest one: stores have a state for 30 s. */
export const MAX_BEAT = 15_000;
/** A store without an answer for this long is away, in milliseconds; for two beats, if these are longer. */
export const ANSWER_LIMIT = 1_000;
/** How long after that no answer is expected, and it asks again, in milliseconds. */
export const LOST = 9_000;
/** More requests than that in a round are not believed: they would put off the next poll for hours. */
export const MAX_REQUESTS = 1_000;
