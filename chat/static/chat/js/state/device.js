// Deletes what this device remembers of the person, and warns when it cannot remember anything.

import { untracked } from "@preact/signals";

import { t } from "../i18n/i18n.js";

// Deletes everything the person wrote here: drafts, unsent messages, unsent files, and searches.
export async function forgetDevice(app, storage) {
  app.drafts.forgetUnsaved();
  const words = ["draft:", "outbox:", "tray:"].flatMap((prefix) =>
    storage.withPrefix(prefix).map(([key]) => prefix + key),
  );
  await storage.remove("searches", ...words);
}

// Warns once, when storage is blocked or full.
export function warnOfForgetting(app, storage) {
  if (storage.works.value) return;
  untracked(() =>
    app.ui.toast(
      t("This browser isn't storing anything. Drafts and unsent messages are kept only while this page is open."),
    ),
  );
}
