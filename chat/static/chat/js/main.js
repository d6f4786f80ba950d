// Starts the chat in the page that the server rendered.

import { render } from "preact";

import { App } from "./app.js";
import { html } from "./components/html.js";
import { Root } from "./components/root.js";
import { Storage } from "./state/storage.js";
import { turn } from "./turn.js";

// The page is rendered with both.
const elementOf = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const page = JSON.parse(elementOf("page").textContent);
const app = new App(page, await Storage.open(`backchannel-${page.me.user_id}`));
const root = elementOf("app");
await turn();
// The server has drawn the same. Who has scrolled in it meanwhile stays where they are.
const scrolled = app.first.leave(root);
root.replaceChildren();
render(html`<${Root} app=${app} />`, root);
const list = root.querySelector("[role=log]");
if (scrolled && list) list.scrollTop += scrolled;
performance.mark("drawn");
await turn();
app.start();
