// What a room notifies of, chosen apart from muting it.

import { t } from "../i18n/i18n.js";
import { levelOf } from "../state/room_counts.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

const NAMES = { all: t("All"), mentions: t("Mentions"), nothing: t("Nothing") };

// `own`: what this person chose for all their rooms.
export const levelName = (level, own) =>
  level === "default" ? t("Default ({level})", { level: NAMES[own] }) : NAMES[level];

export function NotifyDialog({ slug, facts }) {
  const { actions, preferences, store } = useApp();
  const room = store.room(slug) ?? facts;
  const choose = (notify) => actions.notifyAbout(slug, { notify });
  const mute = (event) => actions.notifyAbout(slug, { muted: event.currentTarget.checked });
  return html`<${Dialog} title=${t("Notifications")} closable>
    <fieldset class="levels"><legend>${t("Notify me about")}</legend>
      ${["default", ...Object.keys(NAMES)].map(
        (level) => html`<label key=${level}>
          <input type="radio" name="level" checked=${levelOf(room) === level} onChange=${() => choose(level)} />
          ${" "}${levelName(level, preferences.notify)}</label>`,
      )}
    </fieldset>
    <label class="levels"><input type="checkbox" checked=${Boolean(room.muted)} onChange=${mute} /> ${t("Mute room")}</label>
    <p class="note">${t("A muted room shows no unread mark and notifies you of mentions only.")}</p>
  <//>`;
}
