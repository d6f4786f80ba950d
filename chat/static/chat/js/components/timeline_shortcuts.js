// Keys in the list of messages: arrows move from row to row, other keys act on the row.

import { mayDelete } from "../state/permissions.js";
import { html } from "./html.js";

export function onListKey(event, { app, log, slug, scroller, toLatest }) {
  if (event.target.matches("textarea, input") || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest("article[data-seq]");
  const message = row && log.get(Number(row.dataset.seq));
  const act = keyAction(event.key, { app, slug, row, message, scroller, toLatest });
  if (!act) return;
  event.preventDefault();
  act();
}

function keyAction(key, { app, slug, row, message, scroller, toLatest }) {
  switch (key) {
    case "ArrowUp":
    case "ArrowDown":
      return () => moveRow(scroller, row, key === "ArrowUp" ? -1 : 1);
    case "End":
      return toLatest;
    case "Escape":
      return () => {
        toLatest();
        app.focusComposer();
      };
  }
  if (!message || message.deleted) return null;
  const picture = key === "Enter" && document.activeElement === row && row.querySelector("[data-testid=picture]");
  if (picture) return () => picture.click();
  const mine = message.username === app.store.me.value.username;
  switch (key.toLowerCase()) {
    case "r":
      return app.may(slug, "post") && (() => app.replyTo(message));
    case "t":
      return () => app.pane.open("thread", String(message.thread ?? message.seq));
    case "e":
      return mine && !message.forwarded && app.may(slug, "edit") && (() => app.edits.begin(message));
    case "+":
      return (
        app.may(slug, "react") &&
        (() =>
          app.ui.openMenu(
            row,
            ({ EmojiPicker }) =>
              html`<${EmojiPicker} onPick=${(sign) => app.actions.react(slug, message.seq, sign, true)} />`,
          ))
      );
    case "s":
      return () =>
        app.store.saved.has(slug, message.seq)
          ? app.actions.saving.unsave(slug, message.seq)
          : app.actions.saving.save(slug, message.seq);
    case "f":
      return () => app.lazy.onRequest.fetch().then(({ showForward }) => showForward(app, message));
    case "p":
      return app.may(slug, "pin") && (() => app.actions.pin(slug, message.seq, !message.pinned));
    case "u":
      return app.store.room(slug) && (() => app.reading.markUnread(slug, message.seq));
    case "delete":
      return (
        mayDelete(app, message) &&
        (() => app.lazy.onRequest.fetch().then(({ askToDelete }) => askToDelete(app, message)))
      );
    default:
      return null;
  }
}

function moveRow(scroller, row, step) {
  const rows = [...scroller.querySelectorAll("article[data-seq]")];
  const next = row ? rows[rows.indexOf(row) + step] : rows.at(-1);
  next?.focus();
}
