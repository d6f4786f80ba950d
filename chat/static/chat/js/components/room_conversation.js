// The room settings "Conversation": who may do what, how often, and how long messages are kept.

import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";
import { Saved, useRoom } from "./use_room.js";

const WHO = [
  ["everyone", t("Everybody")],
  ["moderators", t("Moderators only")],
];
const HISTORY = [
  ["moderators", t("For author and moderators")],
  ["members", t("For all members")],
  ["off", t("Not kept")],
];
const REPLIES = [
  ["room", t("To the room")],
  ["thread", t("To a thread")],
];
const SLOW = [
  [0, t("Off")],
  [10, t("10 seconds")],
  [30, t("30 seconds")],
  [60, t("1 minute")],
  [300, t("5 minutes")],
  [900, t("15 minutes")],
  [3600, t("1 hour")],
];
const KEEP = [
  [0, t("For ever")],
  [365, t("1 year")],
  [90, t("90 days")],
  [30, t("30 days")],
];

export function Conversation({ slug }) {
  const { ui } = useApp();
  const { room, saved, change } = useRoom(slug);
  if (!room) return null;
  const save = (name) => (value) => {
    change({ [name]: value });
  };
  const setting = (name, choices, choose = save(name)) => ({
    id: `set-${name}`,
    value: room[name] ?? 0,
    choices,
    choose,
    saved: saved === name,
  });
  const keep = (keep_days) => {
    if (!keep_days) {
      change({ keep_days });
      return;
    }
    ui.openDialog(
      () => html`<${Confirm} title=${t("Delete older messages?")} verb=${t("Delete older messages")}
        text=${t("Messages that are older than {n} days will be deleted for everyone, now and from now on.", { n: keep_days })}
        run=${() => {
          change({ keep_days });
          return true;
        }} />`,
    );
  };
  return html`<div class="stack">
    <${Setting} ...${setting("posting", WHO)} label=${t("Who can write")} note=${t("Others can read and react.")} />
    <${Setting} ...${setting("pinning", WHO)} label=${t("Who can pin")}
      note=${t("Pinned messages are listed for everybody in the room.")} />
    <${Setting} ...${setting("calling", WHO)} label=${t("Who can mention everybody")}
      note=${t("By @room and @here, and groups that they are not in.")} />
    <${Setting} ...${setting("adding", WHO)} label=${t("Who can add people")} />
    <${Setting} ...${setting("edit_history", HISTORY)} label=${t("Earlier texts of edited messages")}
      note=${t("Up to 20 texts of a message are kept for 90 days. “Not kept” deletes them now.")} />
    <${Setting} ...${setting("replies", REPLIES)} label=${t("Replies go")}
      note=${t("What “Reply” begins. Every message can be answered in a thread.")} />
    <${Setting} ...${setting("slow_seconds", SLOW)} label=${t("Slow mode")}
      note=${t("The time between two messages of a member. Moderators have none.")} />
    <div class="field"><label for="set-previews"><input type="checkbox" id="set-previews" checked=${room.previews}
        onChange=${(event) => change({ previews: event.currentTarget.checked })} /> ${t("Link previews")}</label>
      <small>${t("The title and picture of pages that messages link to.")}</small>
      <${Saved} when=${saved === "previews"} /></div>
    <${Setting} ...${setting("keep_days", KEEP, keep)} label=${t("Keep messages")}
      note=${t("Older messages are deleted for everyone when the server runs its retention.")} />
  </div>`;
}

// A select with a fixed list of values. Another program may have set a value that is not in the list.
function Setting({ id, label, note, choices, value, choose, saved }) {
  const all = choices.some(([one]) => one === value) ? choices : [...choices, [value, String(value)]];
  const chosen = (event) => {
    const field = event.currentTarget;
    const wanted = all[field.selectedIndex][0];
    // Show the current value until the server has accepted the change.
    field.value = value;
    choose(wanted);
  };
  return html`<div class="field"><label for=${id}>${label}</label>
    <select class="input" id=${id} value=${value} onChange=${chosen}>
      ${all.map(([one, words]) => html`<option key=${one} value=${one}>${words}</option>`)}
    </select>${note && html`<small>${note}</small>`}<${Saved} when=${saved} /></div>`;
}
