// The search behind the pane: requests 200 ms after the last key, keeps the pages, and remembers queries with results.

import { useEffect, useRef, useState } from "preact/hooks";
import { refusalText, t, tn } from "../i18n/i18n.js";
import { asQuery } from "../text/search_query.js";

const WAIT_MS = 200;
const LETTERS_MIN = 2;
const PAGE = 25;
const RECENT_MAX = 5;
// Between two requests while older messages are still being indexed.
const UNINDEXED_MS = 4000;
const NOTHING = { results: [], next: null, warnings: [] };

// Returns the state of the search for `asked`: {found, waiting, problem, query, more(), again()}. `everywhere`: also in
// public rooms that the user is not in. `order`: "newest" or "best".
export function useSearch(app, asked, { everywhere, order }) {
  const [state, setState] = useState({ found: null, waiting: false, problem: "", query: "" });
  const [tried, setTried] = useState(0);
  const running = useRef(0);
  const told = useRef(null);
  const query = asQuery(asked);
  // A room filter alone says where to search, but not for what.
  const narrowed = !asked.text.trim() && asked.chips.some(({ kind }) => kind !== "in");
  const enough = asked.text.trim().length >= LETTERS_MIN || narrowed;
  const ask = async (after) => {
    running.current += 1;
    const number = running.current;
    setState((before) => ({ ...before, waiting: true, problem: "" }));
    const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const frame = { type: "search", query, limit: PAGE, after, tz, public: everywhere, order };
    try {
      const found = await app.session.request(frame, { aside: true });
      if (number !== running.current) return;
      setState((before) => {
        const earlier = after && before.found ? before.found.results : [];
        return {
          found: { ...NOTHING, ...found, results: [...earlier, ...found.results] },
          waiting: false,
          problem: "",
          query,
          order,
        };
      });
      if (!after && found.results.length !== told.current) tell(app, found);
      told.current = found.results.length;
      if (found.results.length) remember(app, query);
    } catch (refusal) {
      if (number !== running.current) return;
      const problem = refusal.code === "lost" ? t("Search needs the connection.") : refusalText(refusal);
      setState((before) => ({ ...before, waiting: false, problem }));
    }
  };
  useEffect(() => {
    // Only while one page is shown: a new search drops the pages after the first.
    if (!state.found?.indexed_until || state.waiting || state.found.results.length > PAGE) return undefined;
    const timer = setTimeout(() => ask(null), UNINDEXED_MS);
    return () => clearTimeout(timer);
  }, [state.found]);
  useEffect(() => {
    running.current += 1;
    if (!enough) {
      setState({ found: null, waiting: false, problem: "", query: "" });
      return undefined;
    }
    const timer = setTimeout(() => ask(null), WAIT_MS);
    return () => clearTimeout(timer);
  }, [query, enough, everywhere, order, tried]);
  return {
    ...state,
    old: state.query !== query,
    more: () => state.found?.next && !state.waiting && state.query === query && ask(state.found.next),
    again: () => setTried(tried + 1),
  };
}

function tell({ announcer }, { results, next }) {
  const found = tn("{n} message found", "{n} messages found", results.length);
  announcer.say(next ? t("{found}, and more", { found }) : found);
}

export const recent = ({ memory }) => memory.get("searches") ?? [];

function remember(app, query) {
  const others = recent(app).filter((one) => one !== query && !query.startsWith(one));
  app.memory.set("searches", [query, ...others].slice(0, RECENT_MAX));
}
