// Who may write in a room, how often, and how long it is kept.

import { t } from "../i18n/i18n.js";
import { html } from "./html.js";
import { Saved, useRoom } from "./use_room.js";

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
  const { room, saved, change } = useRoom(slug);
  if (!room) return null;
  const slow = withOwn(SLOW, room.slow_seconds);
  const keep = withOwn(KEEP, room.keep_days ?? 0);
  return html`<div class="stack">
    <div class="field"><label for="set-posting">${t("Who can write")}</label>
      <select class="input" id="set-posting" value=${room.posting}
        onChange=${(event) => change({ posting: event.currentTarget.value })}>
        <option value="everyone">${t("Everybody")}</option><option value="moderators">${t("Moderators only")}</option>
      </select><small>${t("Others can read and react.")}</small><${Saved} when=${saved === "posting"} /></div>
    <div class="field"><label for="set-pinning">${t("Who can pin")}</label>
      <select class="input" id="set-pinning" value=${room.pinning}
        onChange=${(event) => change({ pinning: event.currentTarget.value })}>
        <option value="everyone">${t("Everybody")}</option><option value="moderators">${t("Moderators only")}</option>
      </select><small>${t("Pinned messages are listed for everybody in the room.")}</small>
      <${Saved} when=${saved === "pinning"} /></div>
    <div class="field"><label for="set-history">${t("Earlier texts of edited messages")}</label>
      <select class="input" id="set-history" value=${room.edit_history}
        onChange=${(event) => change({ edit_history: event.currentTarget.value })}>
        <option value="moderators">${t("For author and moderators")}</option>
        <option value="members">${t("For all members")}</option><option value="off">${t("Not kept")}</option>
      </select><small>${t("Up to 20 texts of a message are kept for 90 days. “Not kept” deletes them now.")}</small>
      <${Saved} when=${saved === "edit_history"} /></div>
    <div class="field"><label for="set-replies">${t("Replies go")}</label>
      <select class="input" id="set-replies" value=${room.replies}
        onChange=${(event) => change({ replies: event.currentTarget.value })}>
        <option value="room">${t("To the room")}</option><option value="thread">${t("To a thread")}</option>
      </select><small>${t("What “Reply” begins. Every message can be answered in a thread.")}</small>
      <${Saved} when=${saved === "replies"} /></div>
    <div class="field"><label for="set-slow">${t("Slow mode")}</label>
      <${Choice} id="set-slow" choices=${slow} value=${room.slow_seconds} choose=${(slow_seconds) => change({ slow_seconds })} />
      <small>${t("The time between two messages of a member. Moderators have none.")}</small>
      <${Saved} when=${saved === "slow_seconds"} /></div>
    <div class="field"><label for="set-previews"><input type="checkbox" id="set-previews" checked=${room.previews}
        onChange=${(event) => change({ previews: event.currentTarget.checked })} /> ${t("Link previews")}</label>
      <small>${t("The title and picture of pages that messages link to.")}</small>
      <${Saved} when=${saved === "previews"} /></div>
    <div class="field"><label for="set-keep">${t("Keep messages")}</label>
      <${Choice} id="set-keep" choices=${keep} value=${room.keep_days ?? 0} choose=${(keep_days) => change({ keep_days })} />
      <small>${t("Nothing is deleted yet: a later version of the server will do it.")}</small>
      <${Saved} when=${saved === "keep_days"} /></div>
  </div>`;
}

// Another program may have set what is not among the choices.
const withOwn = (choices, own) =>
  choices.some(([value]) => value === own) ? choices : [...choices, [own, String(own)]];

const Choice = ({ id, choices, value, choose }) =>
  html`<select class="input" id=${id} value=${value} onChange=${(event) => choose(Number(event.currentTarget.value))}>
    ${choices.map(([one, label]) => html`<option key=${one} value=${one}>${label}</option>`)}
  </select>`;
