// Starts the chat in the page that the server rendered.

import { render } from "preact";

import { App } from "./app.js";
import { Root } from "./components/root.js";
import { html } from "./html.js";

const app = new App(JSON.parse(document.getElementById("page").textContent));
const root = document.getElementById("app");
root.replaceChildren();
render(html`<${Root} app=${app} />`, root);
performance.mark("drawn");
app.start();
