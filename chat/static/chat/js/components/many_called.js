// Before many people are notified at once, the page asks.

import { t } from "../i18n/i18n.js";
import { html } from "./html.js";

const ASKED_ABOVE = 20;

// Open the question when `text` calls more than 20 people, and return whether it did; `send` is called when the answer is yes.
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
