// Asks where to forward a message, with an optional comment.

import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { newId } from "../net/new_id.js";
import { placeOf } from "../state/threads.js";
import { saidOf } from "../text/excerpt.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";
import { openThread } from "./open_thread.js";
import { placesFor } from "./switch_options.js";

// Threads to request and to show at most; characters to show of the first message of each.
const THREADS_MAX = 50;
const THREADS_SHOWN = 5;
const SUB_LETTERS = 60;

export const showForward = (app, message) => app.ui.openDialog(() => html`<${ForwardDialog} message=${message} />`);

export function ForwardDialog({ message }) {
  const app = useApp();
  const [query, setQuery] = useState("");
  // The same id for every try: a retry after a lost response must not post a second message.
  const client_id = useMemo(newId, []);
  const threads = useThreads(app);
  const rooms = placesFor(app, query.trim()).filter(({ room }) => !room || app.may(room.room, "post"));
  const places = [...rooms, ...threadPlaces(app, threads, query.trim())];
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
    <fieldset class="levels scrolls" data-testid="forward-places"><legend class="visually-hidden">${t("Rooms and people")}</legend>
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

// The threads that this user follows, newest activity first.
function useThreads(app) {
  const [threads, setThreads] = useState([]);
  useEffect(() => {
    const frame = { type: "threads", filter: "following", limit: THREADS_MAX };
    app.session.request(frame, { aside: true }).then(
      (found) => setThreads(found.threads),
      () => setThreads([]),
    );
  }, []);
  return threads;
}

// The threads with the query in the name of their room or in the excerpt of their first message.
function threadPlaces(app, threads, query) {
  return threads
    .filter(({ room, message }) => message && app.may(room, "post"))
    .map(({ room, thread, message }) => ({
      key: placeOf(room, thread),
      label: t("Thread in {room}", { room: app.titleOf(room) }),
      sub: shortened(saidOf(message)),
    }))
    .filter(({ label, sub }) => holds(`${label} ${sub}`, query))
    .slice(0, THREADS_SHOWN);
}

const shortened = (text) => (text.length > SUB_LETTERS ? `${text.slice(0, SUB_LETTERS).trimEnd()}…` : text);

const holds = (text, query) => text.toLowerCase().includes(query.toLowerCase());

// `place`: the name of a room, a thread as `placeOf` returns it, or @ and a username. Returns null after a refusal,
// which a toast shows.
async function forward(app, { room, seq }, place, facts) {
  const [to_room, thread] = place.split("~");
  const to = place.startsWith("@")
    ? { type: "forward_private", to: place.slice(1) }
    : { type: "forward", to_room, ...(thread && { thread: Number(thread) }) };
  const answer = await app.actions.ask({ ...to, room, seq, ...facts });
  if (!answer) return null;
  const run = () => (thread ? openThread(app, to_room, thread) : app.jumpTo(answer.room, answer.seq));
  const open = { label: t("Open"), run };
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
