// Selects whose files and links are listed: everybody's, or one member's.

import { useMemo } from "preact/hooks";
import { locale, t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const NOBODY = [];

// The page loads at most 2,000 members of a room.
export function SharedBy({ slug, from, onChange }) {
  const { store } = useApp();
  const me = store.me.value.username;
  const members = store.members.value.get(slug) ?? NOBODY;
  const options = useMemo(() => {
    const names = new Intl.Collator(locale);
    const others = members.filter(({ username }) => username !== me);
    return others
      .map(({ username }) => ({ username, name: store.nameOf(username) }))
      .sort((a, b) => names.compare(a.name, b.name))
      .map(({ username, name }) => html`<option key=${username} value=${username}>${name}</option>`);
  }, [members, me]);
  return html`<label class="shared-by"><span>${t("From")}</span>
    <select value=${from} onChange=${({ currentTarget }) => onChange(currentTarget.value)}>
      <option value="">${t("Everybody")}</option><option value=${me}>${t("Me")}</option>${options}
    </select></label>`;
}
