// Hydrates a part of the first page in a task of its own; until then the server's elements stay.

import { options } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "./context.js";

// When a component throws a thenable, Preact leaves its elements as they are, and hydrates them when it renders.
const LATER = new Promise(() => {});
const hooks = /** @type {any} */ (options);
// Preact's hook for what a component throws; LATER is not an error.
const failed = hooks.__e;
hooks.__e = (error, ...where) => error === LATER || failed(error, ...where);
// When its parent renders, Preact skips an unchanged waiting part and clears the flag that marks it for hydration: it
// would then be drawn beside the server's elements.
const WAITS = 128;
const { diffed } = hooks;
hooks.diffed = (vnode) => {
  if (vnode.__c?.__z && !vnode.__k.length) vnode.__u |= WAITS;
  diffed(vnode);
};

// `kind`: "part", "row", or "late" for a row with files. Call it before other hooks: the code after it runs when the
// part has its turn.
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
