// Where a message is to be forwarded, with a comment of one's own.

import { useMemo, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { newId } from "../net/new_id.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";
import { placesFor } from "./switch_options.js";

export const showForward = (app, message) => app.ui.openDialog(() => html`<${ForwardDialog} message=${message} />`);

export function ForwardDialog({ message }) {
  const app = useApp();
  const [query, setQuery] = useState("");
  // A repetition after a lost answer is no second message.
  const client_id = useMemo(newId, []);
  const places = placesFor(app, query.trim()).filter(({ room }) => !room || app.may(room.room, "post"));
  const run = async (form) => {
    const place = form.get("place");
    if (!place) return t("Choose a room or person.");
    return forward(app, message, place, { message: form.get("comment").trim(), client_id });
  };
  return html`<${Confirm} title=${t("Forward message")} verb=${t("Forward")} run=${run} harmless>
    <${Excerpt} message=${message} />
    <div class="field"><label for="forward-to">${t("To")}</label>
      <input class="input" type="search" id="forward-to" autofocus autocomplete="off" spellcheck=${false}
        placeholder=${t("Room or person")} value=${query} onInput=${(event) => setQuery(event.currentTarget.value)} /></div>
    <fieldset class="levels" data-testid="forward-places"><legend class="visually-hidden">${t("Rooms and people")}</legend>
      ${places.map(
        ({ key, label, sub }, nth) => html`<label key=${key}>
          <input type="radio" name="place" value=${key} required defaultChecked=${nth === 0 && query !== ""} />
          <span><bdi>${label}</bdi>${sub && html` <small>${sub}</small>`}</span></label>`,
      )}
      ${!places.length && html`<p>${t("No room or person goes by these letters.")}</p>`}
    </fieldset>
    <div class="field"><label for="forward-comment">${t("Comment")}</label>
      <textarea class="input" id="forward-comment" name="comment" rows="2" dir="auto"></textarea></div>
  <//>`;
}

// `place`: the name of a room, or @ and a username. Null when it was refused, after a toast.
async function forward(app, { room, seq }, place, facts) {
  const to = place.startsWith("@")
    ? { type: "forward_private", to: place.slice(1) }
    : { type: "forward", to_room: place };
  const answer = await app.actions.ask({ ...to, room, seq, ...facts });
  if (!answer) return null;
  const open = { label: t("Open"), run: () => app.jumpTo(answer.room, answer.seq) };
  app.ui.toast(t("Forwarded to {room}", { room: app.titleOf(answer.room) }), open);
  return true;
}

function Excerpt({ message }) {
  const { store } = useApp();
  const pictures = (message.files ?? []).filter(({ thumbs }) => thumbs?.["480"]);
  const others = (message.files ?? []).filter(({ thumbs }) => !thumbs?.["480"]);
  return html`<blockquote class="said" dir="auto"><b><bdi>${store.nameOf(message.username)}</bdi></b> ${message.message.slice(0, 200)}
    ${
      pictures.length > 0 &&
      html`<div class="cut__small">${pictures.map(
        ({ id, name, description, thumbs }) =>
          html`<img key=${id} src=${chatPath(thumbs["480"])} alt=${description || name} width="64" height="64" loading="lazy" />`,
      )}</div>`
    }
    ${others.map(({ id, name }) => html`<div key=${id}><bdi>${name}</bdi></div>`)}
  </blockquote>`;
}
