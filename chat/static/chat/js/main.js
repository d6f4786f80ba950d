// Starts the chat in the page that the server rendered.

import { render } from "preact";

import { App } from "./app.js";
import { html } from "./components/html.js";
import { Root } from "./components/root.js";
import { Storage } from "./state/storage.js";

// The page is rendered with both.
const elementOf = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const page = JSON.parse(elementOf("page").textContent);
const app = new App(page, await Storage.open(`backchannel-${page.me.user_id}`));
const root = elementOf("app");
// The server has drawn the same. Who has scrolled in it meanwhile stays where they are.
const scrolled = [...root.querySelectorAll(".before, .after")].reduce((sum, { scrollTop }) => sum + scrollTop, 0);
root.replaceChildren();
render(html`<${Root} app=${app} />`, root);
const list = root.querySelector("[role=log]");
if (scrolled && list) list.scrollTop += scrolled;
performance.mark("drawn");
app.start();
