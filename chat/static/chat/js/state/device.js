// What this device remembers of the person, and what it does when it cannot.

import { untracked } from "@preact/signals";

import { t } from "../i18n/i18n.js";

// Take away all that the person wrote here: drafts, messages that wait, files that wait, and searches.
export async function forgetDevice(app, storage) {
  app.drafts.forgetUnsaved();
  const words = ["draft:", "outbox:", "tray:"].flatMap((prefix) =>
    storage.withPrefix(prefix).map(([key]) => prefix + key),
  );
  await storage.remove("searches", ...words);
}

// Once, when storage is forbidden or full.
export function warnOfForgetting(app, storage) {
  if (storage.works.value) return;
  untracked(() =>
    app.ui.toast(
      t("This browser isn't storing anything. Drafts and unsent messages are kept only while this page is open."),
    ),
  );
}
