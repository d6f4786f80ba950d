// Shows a due reminder while the page is open.

import { t } from "../i18n/i18n.js";
import { excerpt } from "../text/excerpt.js";

export function showReminded(app, { room, seq, message }) {
  const { lazy, store, ui } = app;
  const text = message
    ? t("Reminder: {name}: {text}", {
        name: store.nameOf(message.username) || message.display_name,
        text: excerpt(message.message, 80),
      })
    : t("Reminder of a message that is not there any more");
  ui.toast(text, message ? { label: t("Show"), run: () => app.jumpTo(room, seq) } : null);
  if (message) lazy.notifier.fetch().then((notifier) => notifier.reminded(message, t("Reminder")));
}
