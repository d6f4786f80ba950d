// What concerns the user in all their rooms: messages that name them, and reactions to their messages, newest first.

import "../i18n/i18n_requested.js";

import { useEffect, useRef, useState } from "preact/hooks";
import { refusalText, t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Pane } from "./pane_frame.js";
import { SearchResults } from "./search_results.js";

const TABS = [
  ["mentions", t("Mentions")],
  ["reactions", t("Reactions")],
];
const EMPTY = {
  mentions: t("Messages that name you appear here."),
  reactions: t("Reactions to your messages appear here."),
};
const MORE_BEFORE_END_PX = 600;

export function Occupant() {
  const app = useApp();
  const [kind, setKind] = useState("mentions");
  const found = useInbox(app, kind);
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
    if (scrollHeight - scrollTop - clientHeight < MORE_BEFORE_END_PX) found.more();
  };
  const results = found.items.map(({ message, title, by, emoji }) => ({
    message,
    title,
    marks: [],
    said: by && t("{name} reacted with {emoji}", { name: app.store.nameOf(by), emoji }),
  }));
  return html`<${Pane} title=${t("Mentions and reactions")} data-testid="inbox-pane" onScroll=${onScroll}>
    <div class="segments full" role="radiogroup" aria-label=${t("What is shown")}>
      ${TABS.map(
        ([key, label]) => html`<button type="button" role="radio" key=${key} aria-checked=${kind === key}
          onClick=${() => setKind(key)}>${label}</button>`,
      )}
    </div>
    <${SearchResults} results=${results} byDay=${kind === "mentions"} />
    ${
      found.problem &&
      html`<p class="note" role="alert">${found.problem}
        <button type="button" class="link-button" onClick=${found.again}>${t("Retry")}</button></p>`
    }
    ${found.done && !results.length && html`<p class="note">${EMPTY[kind]}</p>`}
  <//>`;
}

// Returns {items, done, problem, more(), again()}: loads page by page, and from scratch when a message names the user.
function useInbox({ session, store }, kind) {
  const [state, setState] = useState({ items: [], more: false, known: false, problem: "" });
  const asking = useRef("");
  const ask = async (before) => {
    const wanted = kind;
    asking.current = wanted;
    let next;
    try {
      const last = before.at(-1);
      const page = await session.request({ type: "inbox", kind, ...(last && { before: last.id }) }, { aside: true });
      next = { items: [...before, ...page.items], more: page.has_older, known: true, problem: "" };
    } catch (refusal) {
      next = { items: before, more: true, known: false, problem: refusalText(refusal) };
    }
    // The user chose the other tab meanwhile.
    if (asking.current !== wanted) return;
    asking.current = "";
    setState(next);
  };
  const online = session.isOnline;
  useEffect(() => setState({ items: [], more: false, known: false, problem: "" }), [kind]);
  useEffect(() => {
    // A page that loads with this pane open is not connected yet.
    if (!online) return undefined;
    ask([]);
    const me = store.me.value.username;
    const calls = ({ mentions }) => kind === "mentions" && mentions.includes(me) && ask([]);
    const ends = [store.onArrival(calls), store.onCall(calls)];
    return () => {
      for (const end of ends) end();
    };
  }, [kind, online]);
  return {
    ...state,
    done: state.known && !state.more,
    more: () => state.more && !asking.current && !state.problem && ask(state.items),
    again: () => ask(state.items),
  };
}
