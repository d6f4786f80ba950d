// The room settings "About": its name, topic and picture, who can find it, archiving, and clearing the history.

import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";
import { RoomPicture } from "./room_picture.js";
import { Saved, useRoom } from "./use_room.js";

export function About({ slug }) {
  const app = useApp();
  const { room, saved, change } = useRoom(slug);
  if (!room) return null;
  const set = (name) => (event) => change({ [name]: event.currentTarget.value.trim() });
  const setAddress = (event) => {
    const field = event.currentTarget;
    const address = field.value.trim().toLowerCase().replaceAll(/\s+/g, "-");
    // Show the current address again: the input may be empty, or the server may refuse it.
    field.value = room.address || slug;
    if (address) change({ address: address === slug.toLowerCase() ? "" : address });
  };
  return html`<div class="stack">
    <div class="field"><label for="set-title">${t("Name")}</label>
      <input class="input" id="set-title" dir="auto" maxlength="100" value=${room.title} onChange=${set("title")} />
      <${Saved} when=${saved === "title"} /></div>
    <div class="field"><label for="set-address">${t("Address")}</label>
      <input class="input" id="set-address" dir="ltr" maxlength="64" autocapitalize="none" spellcheck=${false}
        value=${room.address || slug} onChange=${setAddress} />
      <small>${t("The last part of its links. Links with its former address keep working.")}</small>
      <${Saved} when=${saved === "address"} /></div>
    <div class="field"><label for="set-topic">${t("Topic")}</label>
      <input class="input" id="set-topic" dir="auto" maxlength="500" value=${room.topic} onChange=${set("topic")} />
      <${Saved} when=${saved === "topic"} /></div>
    <div class="field"><label for="set-description">${t("Description")}</label>
      <textarea class="input" id="set-description" dir="auto" maxlength="1000" rows="5" value=${room.description}
        onChange=${set("description")}></textarea><${Saved} when=${saved === "description"} /></div>
    <${RoomPicture} slug=${slug} room=${room} change=${change} />
    ${!room.archived && html`<${Kind} app=${app} room=${room} saved=${saved === "kind"} change=${change} />`}
    <${Danger} app=${app} slug=${slug} archived=${room.archived} change=${change} />
  </div>`;
}

function Kind({ app, room, saved, change }) {
  const choose = (event) => {
    const field = event.currentTarget;
    const kind = field.value;
    // Show the current value until the server has accepted the change.
    field.value = room.kind;
    if (kind === "private") return change({ kind });
    app.ui.openDialog(
      () => html`<${Confirm} title=${t("Make this room public?")} verb=${t("Make it public")}
        text=${t("Everyone will be able to read all {n} messages in it, and to join.", { n: room.seq })}
        run=${() => {
          change({ kind });
          return true;
        }} />`,
    );
  };
  return html`<div class="field"><label for="set-kind">${t("Who can find it")}</label>
    <select class="input" id="set-kind" value=${room.kind} onChange=${choose}>
      <option value="public">${t("Public: everyone can read and join it")}</option>
      <option value="private">${t("Private: for those who are added")}</option>
    </select><${Saved} when=${saved} /></div>`;
}

function Danger({ app, slug, archived, change }) {
  if (archived) {
    return html`<div class="actions"><button type="button" class="button" onClick=${() => change({ archived: false })}>
      ${t("Bring the room back")}</button></div>`;
  }
  const ask = () =>
    app.ui.openDialog(
      () => html`<${Confirm} title=${t("Archive this room?")} verb=${t("Archive room")}
        text=${t("Nobody can write in it any more, and it leaves the lists. It can be brought back.")}
        run=${() => app.actions.updateRoom(slug, { archived: true })} />`,
    );
  const clear = () => app.actions.askToClear(slug);
  return html`<div class="ends">
    <button type="button" class="button" onClick=${ask}>${t("Archive room")}</button>
    <button type="button" class="button danger" onClick=${clear}>${t("Clear the history")}</button>
  </div>`;
}
