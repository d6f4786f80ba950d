// Lets owners set a room's picture, or the emoji shown in its place.

import { useState } from "preact/hooks";
import { refusalText, t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { call, csrfHeaders, putJson } from "../net/api.js";
import { useApp } from "./context.js";
import { cutPicture } from "./cut_picture.js";
import { html } from "./html.js";

// Uploads the file and returns its metadata.
function uploaded(file) {
  const body = new FormData();
  body.set("file", file, file.name);
  return call("files", { method: "POST", body, headers: csrfHeaders() });
}

export function RoomPicture({ slug, room, change }) {
  const { announcer, ui } = useApp();
  const [shown, setShown] = useState(room.picture);
  const save = async (act) => {
    try {
      setShown((await act()).picture);
      announcer.say(t("Saved"));
    } catch (problem) {
      ui.toast(refusalText(problem));
    }
  };
  const choose = async (event) => {
    const field = event.currentTarget;
    const file = field.files.length ? await cutPicture(field.files[0]) : null;
    field.value = "";
    if (file) await save(async () => putJson(`rooms/${slug}/picture`, { file: (await uploaded(file)).id }));
  };
  const remove = () => save(() => call(`rooms/${slug}/picture`, { method: "DELETE", headers: csrfHeaders() }));
  // An emoji is shown only without a picture.
  const take = async (emoji) => {
    if (shown) await remove();
    change({ emoji });
  };
  const pick = (event) =>
    ui.openMenu(event.currentTarget, ({ EmojiPicker }) => html`<${EmojiPicker} plain onPick=${take} />`);
  return html`<div class="field"><label for="set-picture">${t("Picture")}</label>
    <div class="picture-row">
      ${shown && html`<img class="room-picture large" src=${`${chatPath(shown)}/128`} alt=${t("The picture of the room")} />`}
      <input class="input" type="file" id="set-picture" accept="image/*" onChange=${choose} /></div>
    <div class="actions start">
      ${shown && html`<button type="button" class="button slim" onClick=${remove}>${t("Remove picture")}</button>`}
      <button type="button" class="button slim" aria-haspopup="dialog" onClick=${pick}>
        ${!shown && room.emoji && html`<span class="emoji" aria-hidden="true">${room.emoji}</span>`} ${t("Choose an emoji")}</button>
      ${
        !shown &&
        room.emoji &&
        html`<button type="button" class="button slim" onClick=${() => change({ emoji: "" })}>${t("Remove emoji")}</button>`
      }
    </div>
  </div>`;
}
