// The user's threads, latest activity first.

import "../i18n/i18n_requested.js";

import { useEffect, useRef, useState } from "preact/hooks";
import { refusalText, t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { Pane } from "./pane_frame.js";
import { Skeleton } from "./skeleton.js";
import { ThreadCard } from "./thread_card.js";

const TABS = [
  ["following", t("Following")],
  ["unread", t("Unread")],
  ["all", t("All of mine")],
];

export function Occupant({ value }) {
  const { pane } = useApp();
  const tab = TABS.some(([key]) => key === value) ? value : "following";
  const found = useThreads(tab);
  return html`<${Pane} wide title=${t("Threads")} data-testid="threads-pane">
    <div class="column">
      <div class="segments full" role="radiogroup" aria-label=${t("What is shown")}>
        ${TABS.map(
          ([key, label]) => html`<button type="button" role="radio" key=${key} aria-checked=${tab === key}
            onClick=${() => pane.become(key === "following" ? "" : key)}>${label}</button>`,
        )}
      </div>
      ${
        found.problem &&
        html`<p class="note" role="alert"><${Icon} name="alert" small /> ${t("Could not load your threads.")} ${found.problem}
        <button type="button" class="link-button" onClick=${found.again}>${t("Retry")}</button></p>`
      }
      ${found.threads.map((entry) => html`<${ThreadCard} key=${`${entry.room} ${entry.thread}`} entry=${entry} />`)}
      ${found.next && html`<p class="offer"><button type="button" class="button slim" onClick=${found.more}>${t("Show more")}</button></p>`}
      ${found.next === undefined && !found.problem && html`<${Skeleton} />`}
      ${found.next === null && !found.threads.length && html`<${Empty} tab=${tab} />`}
    </div>
  <//>`;
}

const Empty = ({ tab }) => html`<div class="thread-none">
  <h3>${tab === "unread" ? t("Nothing new") : t("No threads yet")}</h3>
  <p>${tab === "unread" ? t("You have read all threads that you follow.") : t("Threads you start or answer appear here.")}</p>
</div>`;

// Returns {threads, next, problem, more(), again()}. Fetches the list again after each change in it.
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
