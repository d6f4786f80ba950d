// A part of the first page that is taken over in a task of its own; until then what the server has drawn of it stands.

import { options } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "./context.js";

// Preact leaves the elements of a part that throws something with `then` as they are, and takes them over when it is drawn.
const LATER = new Promise(() => {});
const hooks = /** @type {any} */ (options);
// Its hook for what a component throws; LATER is no error.
const failed = hooks.__e;
hooks.__e = (error, ...where) => error === LATER || failed(error, ...where);
// Drawn with what holds it, a part with nothing new is skipped, and loses the mark by which Preact knows what it takes over:
// it would come to stand beside that.
const WAITS = 128;
const { diffed } = hooks;
hooks.diffed = (vnode) => {
  if (vnode.__c?.__z && !vnode.__k.length) vnode.__u |= WAITS;
  diffed(vnode);
};

// `kind`: "part", "row", or "late" of a row with files. To be called before other hooks: what follows it runs when the part has its turn.
export function useTurn(kind) {
  const { first } = useApp();
  const [due, draw] = useState(!first.waits(kind));
  if (due) return;
  first.wait(kind, draw);
  throw LATER;
}

export function later() {
  throw LATER;
}
