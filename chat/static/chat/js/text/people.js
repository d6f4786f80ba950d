// How a person is drawn without a photo, and told from others of the same name; how many there are.

import { locale, numbers, once } from "../i18n/i18n.js";

// As many colours as avatars.css has.
const HUES = 24;
// The server names no more people of a room than these.
const NAMED_MAX = 2_000;

// How many people a list from the server stands for.
export const howMany = (people) =>
  people.length < NAMED_MAX ? numbers().format(people.length) : `${numbers().format(people.length)}+`;

// By the number of the account: of two dozen who came one after the other, no two share a colour.
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
// For the order alone.
const RANKS = { owner: 3, moderator: 2, member: 1 };

const rankOf = (role) => RANKS[role] ?? 0;

// Those with the highest role first, then by name.
export function byRole(a, b) {
  return rankOf(b.role) - rankOf(a.role) || names().compare(a.display_name || a.username, b.display_name || b.username);
}

const firstLetter = (word) => [...word][0] ?? "";
