// The groups of the emoji picker.

import { t } from "../i18n/i18n.js";

const FOUND_MAX = 80;

// Without a search: the user's recent emoji, then every group. With one: the matches.
export function groupsFor(query, table, often, own) {
  if (query) {
    const theirs = (own?.find(query.toLowerCase()) ?? []).map(ownEntry);
    const list = [...theirs, ...(table?.find(query, FOUND_MAX) ?? [])].slice(0, FOUND_MAX);
    return [{ title: list.length ? t("Found") : table ? t("None found") : t("Loading"), list }];
  }
  const entryOf = (sign) => ({ ...(table?.entryOf(sign) ?? { name: sign, label: sign }), emoji: sign, toned: "" });
  const unicode = (table?.groups ?? []).map(([title, list]) => ({ title, list }));
  const mine = (own?.list ?? []).map(ownEntry);
  return [
    { title: t("Often used"), list: often.map(entryOf) },
    ...unicode,
    ...(mine.length ? [{ title: t("Of your own"), list: mine }] : []),
  ];
}

const ownEntry = ({ name }) => ({ emoji: `:${name}:`, name, label: name, toned: "" });
