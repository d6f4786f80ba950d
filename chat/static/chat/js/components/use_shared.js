// The files or links of a room, newest first, page by page from the search.

import { useEffect, useRef, useState } from "preact/hooks";
import { refusalText } from "../i18n/i18n.js";
import { getJson } from "../net/api.js";

// Reading the messages is most of a page's cost: 50 took PostgreSQL 28 to 63 ms in a room of a million.
const AT_ONCE = 30;
// The number of pages without an item that are fetched in a row: the newest thousands of messages with files may have
// only pictures.
const EMPTY_MAX = 10;
// Between two requests while messages are still being indexed and none was found.
const UNINDEXED_MS = 4000;
const NOTHING = { messages: [], next: "", problem: "", empty: 0, unindexed: false };

// `has`: the value of the filter `has:`. `itemsOf(message)`: the list of items to show. `from`: a username, or "" for
// everybody. Returns {shown: [{message, item}], done, problem, stopped, more(), again()}: `more` fetches the next page,
// unless a request is pending; if `stopped`, `again` fetches older ones.
export function useShared(app, slug, { has, itemsOf }, from) {
  const query = `in:${slug} has:${has}${from && ` from:${from}`}`;
  const [state, setState] = useState({ ...NOTHING, query });
  const asking = useRef("");
  const log = app.store.log(slug);
  log.version.value;
  const { messages, next, problem, empty, unindexed } = state.query === query ? state : NOTHING;
  const ask = async (before) => {
    asking.current = query;
    let found;
    try {
      const after = before.next && { after: before.next };
      const page = await getJson(`search?${new URLSearchParams({ q: query, limit: String(AT_ONCE), ...after })}`);
      const older = page.results.map(({ message }) => message);
      found = {
        messages: [...before.messages, ...older],
        next: page.next,
        problem: "",
        empty: older.some((message) => itemsOf(message).length) ? 0 : before.empty + 1,
        unindexed: Boolean(page.indexed_until) && !before.messages.length && !older.length,
      };
    } catch (refusal) {
      found = { ...before, problem: refusalText(refusal) };
    }
    // The tab, person or room has changed since the request.
    if (asking.current !== query) return;
    asking.current = "";
    setState({ ...found, query });
  };
  useEffect(() => {
    ask(NOTHING);
  }, [query]);
  useEffect(() => {
    if (!unindexed) return undefined;
    const timer = setTimeout(() => ask(NOTHING), UNINDEXED_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const stopped = Boolean(next) && empty >= EMPTY_MAX;
  // The search indexes a message within a second, and the pane may stay open: add new messages from the log.
  const since = messages[0]?.seq ?? 0;
  const isOf = ({ kind, username }) =>
    kind === "text" && (from ? username === from : !app.store.blocked.value.has(username));
  const came = next === "" ? [] : log.list().filter((message) => message.seq > since && isOf(message));
  const all = [...came.reverse(), ...messages.map((found) => latest(log.get(found.seq), found))];
  const isThere = ({ deleted, seq }) => !deleted && seq >= log.clearedBefore;
  return {
    shown: all.filter(isThere).flatMap((message) => itemsOf(message).map((item) => ({ message, item }))),
    problem,
    stopped,
    done: next === null && !unindexed,
    more: () => next && !stopped && !problem && !asking.current && ask({ messages, next, empty }),
    again: () => !asking.current && ask({ messages, next, empty: 0 }),
  };
}

// The message may have been edited or deleted since it was found.
const latest = (held, found) => (held && held.rev > found.rev ? held : found);
