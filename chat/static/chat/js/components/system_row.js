// Rows of the conversation for events in the room.

import { t, tx } from "../i18n/i18n.js";
import { systemParts } from "../timeline/system_line.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { Time } from "./time.js";

const ICONS = {
  joined: "enter",
  added: "enter",
  left: "leave",
  kicked: "leave",
  banned: "ban",
  topic: "edit",
  renamed: "edit",
  cleared: "x",
  pinned: "pin",
  private: "lock",
};

export function SystemRow({ message, fresh }) {
  const { pane, store } = useApp();
  const pins = message.system?.event === "pinned" && store.room(message.room)?.pins.length > 0;
  return html`<div class=${fresh ? "system-line fresh" : "system-line"} data-testid="system-line" data-row data-seq=${message.seq}>
    <${Icon} name=${ICONS[message.system?.event] ?? "dots"} />
    <p dir="auto"><${SystemText} message=${message} /> ${
      pins &&
      html`<button type="button" class="link-button" onClick=${() => pane.open("pinned")}>${t("See all pins")}</button>`
    } <${Time} date=${new Date(message.timestamp)} note /></p>
  </div>`;
}

function SystemText({ message }) {
  const { store } = useApp();
  return systemParts(message, (username) => store.nameOf(username)).map((part) =>
    part.name ? html`<b><bdi>${part.name}</bdi></b>` : part.said ? html`<bdi>${part.said}</bdi>` : part,
  );
}

// Several joins in one line.
export function JoinsRow({ messages, fresh }) {
  const { store } = useApp();
  const last = messages.at(-1);
  const name = html`<b><bdi>${store.nameOf(messages[0].system?.username ?? messages[0].username)}</bdi></b>`;
  const text = tx("{name} and {n} others joined the room", { name, n: messages.length - 1 });
  return html`<div class=${fresh ? "system-line fresh" : "system-line"} data-testid="system-line" data-row data-seq=${last.seq}>
    <${Icon} name="enter" />
    <p>${text} <${Time} date=${new Date(last.timestamp)} note /></p>
  </div>`;
}
