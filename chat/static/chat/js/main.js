// Starts the chat in the page that the server rendered.

import { render } from "preact";

import { App } from "./app.js";
import { html } from "./components/html.js";
import { Root } from "./components/root.js";
import { Storage } from "./state/storage.js";
import { inTurns, turn } from "./turn.js";

// The server's page contains both elements.
const elementOf = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const page = JSON.parse(elementOf("page").textContent);
const app = new App(page, await Storage.open(`backchannel-${page.me.user_id}`));
const root = elementOf("app");
await turn();
const { parts, rows, late } = app.first.takeOver(root, () => render(html`<${Root} app=${app} />`, root));
performance.mark("drawn");
await inTurns([...parts, () => app.start(), ...rows]);
// The deferred bundle waits for the end of this one.
app.lazy.deferred.fetch().then(() => inTurns(late));
