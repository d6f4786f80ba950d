// What the quick switch offers for the query itself: search for it, write to a person, create a room.

import { t } from "../i18n/i18n.js";
import { CreateRoom } from "./create_room.js";
import { html } from "./html.js";
import { NewMessage } from "./new_message.js";

export const searchFor = ({ pane }, query) => ({
  key: "search",
  icon: "search",
  label: t("Search messages for “{query}”", { query }),
  marks: [],
  sub: "",
  run: () => pane.open("search", query),
});

// Always offers a new direct message; also a new room of this name if there is none.
export function offers({ store, ui }, name) {
  const offer = (key, icon, label, dialog) => ({
    key,
    icon,
    label,
    marks: [],
    sub: "",
    run: () => ui.openDialog(dialog),
  });
  const person = offer("person", "user", t("New direct message"), () => html`<${NewMessage} />`);
  if (!name || store.room(name)) return [person];
  const create = () => html`<${CreateRoom} suggested=${name} />`;
  return [person, offer("create", "plus", t("Create room “{name}”", { name }), create)];
}
