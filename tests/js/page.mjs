// What the page's modules find around them when they run without a browser: the names of the import map, and the globals
// that they listen to while they load. Nothing of it draws or measures.

import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

const STATIC = new URL("../../chat/static/chat/", import.meta.url);
const vendored = JSON.parse(readFileSync(new URL("vendor/manifest.json", STATIC), "utf8"));
const named = {
  ...Object.fromEntries(Object.entries(vendored).map(([name, { path }]) => [name, path])),
  catalogue: "js/i18n/catalogue/en.initial.js",
  "catalogue/deferred": "js/i18n/catalogue/en.deferred.js",
  "catalogue/requested": "js/i18n/catalogue/en.requested.js",
};

registerHooks({
  resolve(name, context, next) {
    if (name in named) return { url: new URL(named[name], STATIC).href, format: "module", shortCircuit: true };
    const found = next(name, context);
    return found.url.startsWith(STATIC.href) ? { ...found, format: "module" } : found;
  },
});

// Each model that a test makes listens for the end of the page.
setMaxListeners(0);
const target = new EventTarget();
globalThis.addEventListener = target.addEventListener.bind(target);
globalThis.dispatchEvent = target.dispatchEvent.bind(target);
globalThis.document = Object.assign(new EventTarget(), {
  documentElement: { lang: "en", dataset: {} },
  hidden: false,
  focused: true,
  hasFocus: () => document.focused,
});
globalThis.matchMedia = () => ({ matches: false });
// The page's clocks run for as long as the page does; a test ends.
for (const name of ["setInterval", "setTimeout"]) {
  const begin = globalThis[name];
  globalThis[name] = (...given) => {
    const timer = begin(...given);
    timer.unref();
    return timer;
  };
}
