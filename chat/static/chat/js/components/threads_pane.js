// The threads of this person, the newest activity first.

import "../i18n/i18n_requested.js";

import { useEffect, useRef, useState } from "preact/hooks";
import { refusalText, t, tn } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { saidOf } from "../text/excerpt.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Pane } from "./pane_frame.js";
import { Time } from "./time.js";

const TABS = [
  ["following", t("Following")],
  ["unread", t("Unread")],
  ["all", t("All of mine")],
];

export function Occupant({ value }) {
  const { pane } = useApp();
  const tab = TABS.some(([key]) => key === value) ? value : "following";
  const found = useThreads(tab);
  return html`<${Pane} title=${t("Threads")} data-testid="threads-pane">
    <div class="segments full" role="radiogroup" aria-label=${t("What is shown")}>
      ${TABS.map(
        ([key, label]) => html`<button type="button" role="radio" key=${key} aria-checked=${tab === key}
          onClick=${() => pane.become(key === "following" ? "" : key)}>${label}</button>`,
      )}
    </div>
    ${
      found.problem &&
      html`<p class="note" role="alert">${found.problem}
      <button type="button" class="link-button" onClick=${found.again}>${t("Retry")}</button></p>`
    }
    ${found.threads.map((entry) => html`<${Card} key=${`${entry.room} ${entry.thread}`} entry=${entry} />`)}
    ${found.next && html`<p class="offer"><button type="button" class="button slim" onClick=${found.more}>${t("Show more")}</button></p>`}
    ${
      found.next === null &&
      !found.threads.length &&
      html`<p class="note">
      ${tab === "unread" ? t("You have read all threads that you follow.") : t("Threads you start or answer appear here.")}</p>`
    }
  <//>`;
}

// {threads, next, problem, more(), again()}: the list, read anew when something in it changed.
function useThreads(filter) {
  const { session, store } = useApp();
  const [state, setState] = useState({ threads: [], next: undefined, problem: "" });
  const asked = useRef(0);
  const ask = async (before, held) => {
    const number = ++asked.current;
    try {
      const found = await session.request({ type: "threads", filter, ...(before && { before }) });
      if (number === asked.current) setState({ threads: [...held, ...found.threads], next: found.next, problem: "" });
    } catch (refusal) {
      if (number === asked.current) setState({ threads: held, next: before, problem: refusalText(refusal) });
    }
  };
  const online = session.isOnline;
  const changes = store.threads.changes.value;
  useEffect(() => {
    const timer = setTimeout(() => online && ask(null, []), asked.current ? 500 : 0);
    return () => clearTimeout(timer);
  }, [filter, online, changes]);
  return { ...state, more: () => ask(state.next, state.threads), again: () => ask(null, []) };
}

function Card({ entry }) {
  const app = useApp();
  const { room, thread, message, latest } = entry;
  const { session, store } = app;
  const part = store.threads.part(room, thread) ?? entry;
  const open = (event) => {
    event.preventDefault();
    openThread(app, room, thread);
  };
  const read = () => session.send({ type: "thread_read", room, thread, seq: latest.at(-1)?.seq ?? thread });
  return html`<article class=${part.unread ? "thread-card unread" : "thread-card"} data-testid="thread-card">
    <a href=${chatPath(`rooms/${room}/?thread=${thread}`)} onClick=${open}>
      <span class="note"><bdi>${app.titleOf(room)}</bdi>
        ${part.unread > 0 && html` <b class="badge">${tn("{n} new", "{n} new", part.unread)}</b>`}
        ${part.mentions > 0 && html` <b class="badge at">@ ${part.mentions}</b>`}</span>
      ${message && html`<${Said} message=${message} />`}
    </a>
    ${latest.map((reply) => html`<${Said} key=${reply.seq} message=${reply} />`)}
    <p><button type="button" class="link-button" onClick=${open}>${t("Reply")}</button>
      ${part.unread > 0 && html` <button type="button" class="link-button" onClick=${read}>${t("Mark read")}</button>`}</p>
  </article>`;
}

function Said({ message }) {
  const { store } = useApp();
  const text = message.deleted ? t("Message deleted") : saidOf(message);
  const { username, timestamp } = message;
  return html`<span class="thread-card__said"><${Avatar} username=${username} name=${store.plainNameOf(username)} size="xs" />
    <b><bdi>${store.nameOf(username)}</bdi></b> <span dir="auto">${text}</span> <${Time} date=${new Date(timestamp)} /></span>`;
}

function openThread(app, room, thread) {
  if (room !== app.ui.room.value) app.openRoom(room);
  app.pane.open("thread", String(thread));
}
