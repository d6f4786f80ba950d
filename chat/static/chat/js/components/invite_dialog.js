// Adds people to a room, one after the other: the dialog stays until it is closed.

import { useRef, useState } from "preact/hooks";
import { list, t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { FindPerson } from "./find_person.js";
import { html } from "./html.js";

export function InviteDialog({ slug, title }) {
  const { actions, store, ui } = useApp();
  const [added, setAdded] = useState([]);
  const box = useRef(null);
  const inside = (store.members.value.get(slug) ?? []).map((member) => member.username);
  const choose = async (person) => {
    if (!(await actions.invite(slug, person))) return;
    setAdded((before) => [...before, person.username]);
    // The row that was pressed is gone.
    box.current?.querySelector("input").focus();
  };
  const names = added.map((username) => store.nameOf(username));
  return html`<${Dialog} title=${t("Add people to {room}", { room: `#${title}` })} tall closable>
    <div ref=${box} class="stack"><${FindPerson} onChoose=${choose} except=${[...inside, ...added]} /></div>
    <p>${added.length > 0 && t("Added: {names}", { names: list(names) })}</p>
    ${
      added.length > 0 &&
      html`<div class="actions"><button type="button" class="button primary" onClick=${() => ui.closeDialog()}>${t("Done")}</button></div>`
    }
  <//>`;
}
