// The pins of a room: fetched when an unknown one is added. Order and text follow from the store without a fetch.

import { useEffect, useRef, useState } from "preact/hooks";
import { refusalText } from "../i18n/i18n.js";
import { getJson } from "../net/api.js";

// Returns {messages, done, problem, again()}.
export function usePins(app, slug) {
  const [{ found, done, problem }, setState] = useState({ found: [], done: false, problem: "" });
  const log = app.store.log(slug);
  log.version.value;
  const order = app.store.room(slug)?.pins ?? found.map(({ seq }) => seq);
  const asked = useRef(0);
  const ask = async () => {
    const mine = ++asked.current;
    let state;
    try {
      const { messages } = await getJson(`rooms/${slug}/pins`);
      app.store.learn(messages);
      state = { found: messages, done: true, problem: "" };
    } catch (refusal) {
      state = { found: [], done: false, problem: refusalText(refusal) };
    }
    if (mine === asked.current) setState(state);
  };
  const known = new Map(found.map((message) => [message.seq, message]));
  useEffect(() => {
    ask();
  }, [slug, order.filter((seq) => !known.has(seq)).join()]);
  const messages = order.map((seq) => newer(log.get(seq), known.get(seq))).filter((one) => one && !one.deleted);
  return { messages, done, problem, again: ask };
}

const newer = (held, found) => (held && (!found || held.rev > found.rev) ? held : found);
