// Binds the state of a thread to the components that draw it.

import { useEffect, useRef, useState } from "preact/hooks";
import { refusalText, t } from "../i18n/i18n.js";
import { inThread } from "../state/threads.js";
import { buildRows } from "../timeline/timeline_rows.js";
import { useApp } from "./context.js";

const PAGE_ROWS = 50;

// Returns {log, root, part, rows, readSeq, problem, again(), older()} of an open thread.
export function useThread(slug, thread) {
  const app = useApp();
  const { outbox, pane, session, store } = app;
  const [problem, setProblem] = useState(null);
  const asking = useRef(false);
  const firstNew = useRef(undefined);
  const log = store.threads.log(slug, thread);
  const room = store.log(slug);
  log.version.value;
  room.version.value;
  store.threads.changes.value;
  const online = session.isOnline;
  const part = store.threads.part(slug, thread);
  const ask = async (where = {}) => {
    if (asking.current) return;
    asking.current = true;
    setProblem(null);
    try {
      const page = await session.request({ type: "history", room: slug, thread, limit: PAGE_ROWS, ...where });
      // The URL named a reply, not the root.
      if (page.thread !== thread) pane.become(String(page.thread));
    } catch (refusal) {
      setProblem(refusal);
    } finally {
      asking.current = false;
    }
  };
  useEffect(() => {
    if (online && thread && !log.loaded) ask();
  }, [online, log]);
  if (firstNew.current === undefined && log.loaded && part)
    firstNew.current = part.unread > 0 ? { seq: part.read_seq + 1, read: part.read_seq } : null;
  const gone = problem && ["not_found", "forbidden", "banned"].includes(problem.code);
  const pending = outbox.entries.value.filter(
    (entry) => entry.room === slug && entry.thread === thread && !(entry.seq && log.has(entry.seq)),
  );
  const known = room.get(thread);
  return {
    log,
    part,
    root: known && log.loaded ? inThread(known) : null,
    rows: buildRows({
      messages: log.loaded ? log.list() : [],
      pending: pending.map((entry) => ({ ...entry, reply_to: null })),
      firstNew: firstNew.current?.seq ?? null,
      me: store.me.value,
    }),
    readSeq: firstNew.current?.read,
    problem: !thread || gone ? t("You can no longer read this thread.") : problem && whyNot(problem),
    again: gone || !thread ? null : () => ask(),
    older: () => ask({ before: log.low }),
  };
}

const whyNot = (refusal) => `${t("Could not load this thread.")} ${refusalText(refusal)}`;
