// What a room says of itself, and its end.

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
  return html`<div class="stack">
    <div class="field"><label for="set-title">${t("Name")}</label>
      <input class="input" id="set-title" dir="auto" maxlength="100" value=${room.title} onChange=${set("title")} />
      <small dir="ltr">/rooms/${slug}/</small><${Saved} when=${saved === "title"} /></div>
    <div class="field"><label for="set-topic">${t("Topic")}</label>
      <input class="input" id="set-topic" dir="auto" maxlength="500" value=${room.topic} onChange=${set("topic")} />
      <${Saved} when=${saved === "topic"} /></div>
    <div class="field"><label for="set-description">${t("Description")}</label>
      <textarea class="input" id="set-description" dir="auto" maxlength="1000" rows="5" value=${room.description}
        onChange=${set("description")}></textarea><${Saved} when=${saved === "description"} /></div>
    <${RoomPicture} slug=${slug} picture=${room.picture} />
    <${Danger} app=${app} slug=${slug} archived=${room.archived} change=${change} />
  </div>`;
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
  return html`<div class="actions">
    <button type="button" class="button danger" onClick=${ask}>${t("Archive room")}</button>
    <button type="button" class="button danger" onClick=${clear}>${t("Clear the history")}</button>
  </div>`;
}
