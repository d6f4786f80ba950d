// Asks before a message notifies many people at once.

import { t } from "../i18n/i18n.js";
import { html } from "./html.js";

const ASKED_ABOVE = 20;

// Opens a confirmation if `text` notifies more than 20 people, and returns whether it did. A yes calls `send`.
export function asksFirst(app, slug, text, send) {
  const names = new Set(
    [...text.toLowerCase().matchAll(/@([a-z0-9_.-]+)/g)].map(([, name]) => name.replace(/[.-]+$/, "")),
  );
  const members = app.store.members.value.get(slug) ?? [];
  const all = app.may(slug, "call_all");
  const sizes = [
    all && names.has("room") ? members.length : 0,
    all && names.has("here") ? members.filter((member) => app.store.isOnline(member.username)).length : 0,
    ...app.groups.filter(({ handle, mine }) => names.has(handle) && (mine || all)).map(({ people }) => people),
  ];
  const n = Math.max(...sizes);
  if (n <= ASKED_ABOVE) return false;
  const run = () => {
    send();
    return true;
  };
  app.ui.openDialog(
    ({ Confirm }) => html`<${Confirm} title=${t("Notify {n} people?", { n })}
      text=${t("Your message calls all of them at once.")} verb=${t("Send")} run=${run} />`,
  );
  return true;
}
