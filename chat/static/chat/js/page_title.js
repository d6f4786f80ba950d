// The title and icon of the window: the open room, and the number of calls for this person in all rooms.

import { effect } from "@preact/signals";

import { callsOf } from "./state/room_counts.js";

export function showCalls(app) {
  effect(() => {
    document.title = title(app);
  });
  effect(() => markIcon(callsIn(app.store) > 0));
}

const callsIn = (store) => [...store.rooms.value.values()].reduce((sum, room) => sum + callsOf(room), 0);

function title(app) {
  if (app.session.status.value === "signed_out") return app.workspace;
  const calls = callsIn(app.store);
  return `${calls ? `(${calls > 99 ? "99+" : calls}) ` : ""}${app.titleOf(app.ui.room.value)} · ${app.workspace}`;
}

function markIcon(called) {
  const icon = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
  const wanted = /** @type {string} */ (called ? icon.dataset.called : icon.dataset.plain);
  if (!icon.href.endsWith(wanted)) icon.href = wanted;
}
