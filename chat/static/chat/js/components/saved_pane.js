// The user's saved messages: to do, and done.

import "../i18n/i18n_requested.js";

import { useEffect, useRef, useState } from "preact/hooks";
import { untilTime } from "../i18n/dates.js";
import { refusalText, t } from "../i18n/i18n.js";
import { getJson } from "../net/api.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { IconButton } from "./icon.js";
import { Pane } from "./pane_frame.js";
import { Result } from "./search_results.js";

const TABS = [
  [false, t("To do")],
  [true, t("Done")],
];

export function Occupant() {
  const [done, setDone] = useState(false);
  const { rows, next, problem, here, more } = useSavedMessages(done);
  return html`<${Pane} wide title=${t("Saved")} meta=${t("Only you see this.")} data-testid="saved-pane">
    <div class="column">
    <div class="segments full" role="radiogroup" aria-label=${t("What is shown")}>
      ${TABS.map(
        ([value, label]) => html`<button type="button" role="radio" key=${label} aria-checked=${done === value}
          onClick=${() => setDone(value)}>${label}</button>`,
      )}
    </div>
    <ul class="saved">${rows.map((row) => html`<${Row} key=${row.id} row=${row} />`)}</ul>
    ${
      problem &&
      html`<p class="note">${problem} <button type="button" class="link-button" onClick=${more}>${t("Retry")}</button></p>`
    }
    ${next && !problem && html`<button type="button" class="button" onClick=${more}>${t("Show older")}</button>`}
    ${
      here &&
      !rows.length &&
      html`<p class="note">${done ? t("Nothing is done yet.") : t("Save a message to come back to it. Only you see this.")}</p>`
    }
    </div>
  <//>`;
}

function Row({ row }) {
  const app = useApp();
  const { actions, ui } = app;
  const { room, seq, message, remind_at, done } = row;
  const remind = ({ currentTarget }) =>
    ui.openMenu(
      currentTarget,
      ({ RemindMenu }) => html`<${RemindMenu} room=${room} seq=${seq} remind_at=${remind_at} />`,
    );
  const known = message && app.store.log(room).get(seq);
  const shown = known && known.rev > message.rev ? known : message;
  return html`<li data-testid="saved">
    <input type="checkbox" checked=${done} aria-label=${t("Done")} onChange=${() => actions.saving.save(room, seq, { done: !done })} />
    <div>
      ${
        shown && !shown.deleted
          ? html`<${Result} result=${{ message: shown, title: row.title }} date=${new Date(shown.timestamp)}
              time=${untilTime(new Date(shown.timestamp))} onOpen=${() => app.jumpTo(room, seq)} />`
          : html`<p class="gone">${row.state === "hidden" ? t("You can no longer read this message.") : t("Message deleted")}</p>`
      }
      ${remind_at && html`<p class="note">${t("Reminder: {time}", { time: untilTime(new Date(remind_at)) })}</p>`}
    </div>
    <span class="saved__acts">
      ${shown && !done && html`<${IconButton} icon="clock" small label=${t("Remind me")} aria-haspopup="menu" onClick=${remind} />`}
      <${IconButton} icon="x" small label=${t("Remove from saved")} onClick=${() => actions.saving.unsave(room, seq)} />
    </span>
  </li>`;
}

// Returns {rows, next, problem, here, more()}. Fetches page by page, and from the start again after each change.
function useSavedMessages(done) {
  const { store } = useApp();
  const [state, setState] = useState({ rows: [], next: null, problem: "", here: false });
  const asked = useRef(0);
  const ask = async (before, rows) => {
    const mine = ++asked.current;
    let found;
    try {
      const query = new URLSearchParams({ ...(done && { done: "true" }), ...(before && { before: String(before) }) });
      const page = await getJson(`saved?${query}`);
      store.learn(page.saved.flatMap(({ message }) => message ?? []));
      found = { rows: [...rows, ...page.saved], next: page.next, problem: "", here: true };
    } catch (refusal) {
      found = { rows, next: before, problem: refusalText(refusal), here: false };
    }
    if (mine === asked.current) setState(found);
  };
  useEffect(() => {
    ask(null, []);
  }, [done, store.saved.changes.value]);
  return { ...state, more: () => ask(state.next, state.rows) };
}
