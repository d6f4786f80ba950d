// The files of a room, newest first: its pictures by month, its other files in rows.

import "../i18n/i18n_requested.js";

import { useEffect, useRef, useState } from "preact/hooks";
import { monthLabel } from "../i18n/dates.js";
import { refusalText, t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { getJson } from "../net/api.js";
import { isPicture } from "../text/files.js";
import { useApp } from "./context.js";
import { FileRow } from "./file_row.js";
import { altOf } from "./files.js";
import { html } from "./html.js";
import { Pane } from "./pane_frame.js";

const TABS = [
  ["image", t("Images")],
  ["file", t("Files")],
];
const AT_ONCE = 50;
const MORE_BEFORE_END_PX = 600;

export function Occupant({ slug }) {
  const app = useApp();
  const [tab, setTab] = useState("image");
  const found = useFound(slug, tab);
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
    if (scrollHeight - scrollTop - clientHeight < MORE_BEFORE_END_PX) found.more();
  };
  const files = found.messages.flatMap((message) => (message.files ?? []).map((file) => ({ message, file })));
  const shown = files.filter(({ file }) => isPicture(file) === (tab === "image"));
  return html`<${Pane} title=${t("Files")} meta=${app.titleOf(slug)} data-testid="files-pane" onScroll=${onScroll}>
    <div class="segments full" role="radiogroup" aria-label=${t("What is shown")}>
      ${TABS.map(
        ([key, label]) => html`<button type="button" role="radio" key=${key} aria-checked=${tab === key}
          onClick=${() => setTab(key)}>${label}</button>`,
      )}
    </div>
    ${tab === "image" ? html`<${Months} shown=${shown} />` : shown.map(({ file }) => html`<${FileRow} key=${file.id} file=${file} />`)}
    ${
      found.problem &&
      html`<p class="note">${found.problem} <button type="button" class="link-button" onClick=${found.again}>${t("Retry")}</button></p>`
    }
    ${found.done && !shown.length && html`<p class="note">${t("Nothing has been shared here yet.")}</p>`}
  <//>`;
}

function Months({ shown }) {
  const months = Map.groupBy(shown, ({ message }) => monthLabel(new Date(message.timestamp)));
  return [...months].map(
    ([month, pictures]) => html`<h3 key=${month}>${month}</h3>
      <div class="pictures month">
        ${pictures.map(({ message, file }) => html`<${Small} key=${file.id} message=${message} file=${file} />`)}</div>`,
  );
}

// Leads to its message, where it can be looked at among the others.
function Small({ message, file }) {
  const { jumpTo } = useApp();
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    jumpTo(message.room, message.seq);
  };
  return html`<a class="picture" href=${chatPath(`rooms/${message.room}/#m${message.seq}`)} onClick=${go}>
    <img src=${chatPath(file.thumbs?.["480"] ?? file.url)} alt=${altOf(file)} loading="lazy" decoding="async" /></a>`;
}

// {messages, done, problem, more(), again()}: what the search finds, page by page.
function useFound(slug, kind) {
  const [state, setState] = useState({ messages: [], next: "", problem: "" });
  const asking = useRef("");
  const ask = async (after, before) => {
    const wanted = `${slug} ${kind}`;
    asking.current = wanted;
    let state;
    try {
      const query = new URLSearchParams({
        q: `in:${slug} has:${kind}`,
        limit: String(AT_ONCE),
        ...(after && { after }),
      });
      const { results, next } = await getJson(`search?${query}`);
      state = { messages: [...before, ...results.map(({ message }) => message)], next, problem: "" };
    } catch (refusal) {
      state = { messages: before, next: after, problem: refusalText(refusal) };
    }
    // Another tab, or another room, was asked for meanwhile.
    if (asking.current !== wanted) return;
    asking.current = "";
    setState(state);
  };
  useEffect(() => {
    setState({ messages: [], next: "", problem: "" });
    ask("", []);
  }, [slug, kind]);
  const { messages, next, problem } = state;
  return {
    messages,
    problem,
    done: next === null,
    more: () => next && !asking.current && !problem && ask(next, messages),
    again: () => ask(next, messages),
  };
}
