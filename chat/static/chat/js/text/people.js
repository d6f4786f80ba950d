// The avatar of a person without a photo, the order of people, and their number.

import { locale, numbers, once } from "../i18n/i18n.js";

// The number of colours in avatars.css.
const HUES = 24;
// The server lists at most this many people of a room.
const NAMED_MAX = 2_000;

// The number of people in a list from the server, with a "+" if the server may have cut it.
export const howMany = (people) =>
  people.length < NAMED_MAX ? numbers().format(people.length) : `${numbers().format(people.length)}+`;

// By account number: 24 accounts created one after the other all differ in colour.
export const hueOf = (userId) => (userId % HUES) + 1;

export function initialsOf(name) {
  const words = name
    .trim()
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const letters =
    words.length > 1 ? [firstLetter(words[0]), firstLetter(words.at(-1))] : [...(words[0] ?? "?")].slice(0, 2);
  return letters.join("").toLocaleUpperCase();
}

const names = once(() => new Intl.Collator(locale));
// Only for sorting.
const RANKS = { owner: 3, moderator: 2, member: 1 };

const rankOf = (role) => RANKS[role] ?? 0;

// The highest role first, then by name.
export function byRole(a, b) {
  return rankOf(b.role) - rankOf(a.role) || names().compare(a.display_name || a.username, b.display_name || b.username);
}

const firstLetter = (word) => [...word][0] ?? "";
