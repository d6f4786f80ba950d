// While the opened row is marked, N and Shift N step to the next and previous result. If opening it closed the results,
// a button leads back to them.

import { effect } from "@preact/signals";
import { t } from "../i18n/i18n.js";
import { hitsOf } from "../text/search_query.js";
import { html } from "./html.js";
import { MARKED_MS, markHits } from "./search_hits.js";

let leave = () => {};

export function openResult(app, results, at) {
  const { pane, ui } = app;
  const query = ui.narrow ? (pane.asked.peek()?.value ?? null) : null;
  show(app, results, at, query);
}

// `query`: the query of the results that this one closed, else null.
function show(app, results, at, query) {
  const { message, marks } = results[at];
  const { pane, ui } = app;
  leave();
  markHits(message.seq, hitsOf(message.message, marks));
  app.jumpTo(message.room, message.seq);
  const onKeyDown = (event) => {
    const next = at + (event.shiftKey ? -1 : 1);
    if (!isStep(event) || ui.hasDialog || !results[next]) return;
    event.preventDefault();
    app.announcer.say(t("Result {n} of {count}", { n: next + 1, count: results.length }));
    show(app, results, next, query);
  };
  const back = () => pane.open("search", query);
  if (query !== null) ui.over.value = () => html`<${BackButton} onClick=${back} />`;
  addEventListener("keydown", onKeyDown);
  const end = () => {
    clearTimeout(timer);
    unfollow();
    removeEventListener("keydown", onKeyDown);
    ui.over.value = null;
    leave = () => {};
  };
  const timer = setTimeout(end, MARKED_MS);
  const unfollow = effect(() => {
    // The user opened another room or pane.
    if (ui.room.value !== message.room || (query !== null && pane.asked.value))
      queueMicrotask(() => leave === end && end());
  });
  leave = end;
}

const isStep = ({ key, ctrlKey, metaKey, altKey, target }) =>
  key.toLowerCase() === "n" &&
  !ctrlKey &&
  !metaKey &&
  !altKey &&
  !target.closest?.("input, textarea, [contenteditable]");

const BackButton = ({ onClick }) =>
  html`<div class="since">
    <button type="button" onClick=${onClick}>${t("Back to results")}</button>
  </div>`;
