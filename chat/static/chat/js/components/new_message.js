// Writing to one person: find them, and, when there is no direct room yet, say the first thing.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { FindPerson } from "./find_person.js";
import { html } from "./html.js";

export function NewMessage({ to = null }) {
  const app = useApp();
  const { actions, ui } = app;
  const [person, setPerson] = useState(to);
  const choose = (chosen) => {
    const room = actions.directRoom(chosen.username);
    if (!room) {
      setPerson(chosen);
      return;
    }
    ui.closeDialog();
    app.openRoom(room.room);
  };
  if (person) return html`<${FirstMessage} person=${person} />`;
  return html`<${Dialog} title=${t("New message")} tall closable><${FindPerson} onChoose=${choose} /><//>`;
}

function FirstMessage({ person }) {
  const { actions, store, ui } = useApp();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef(null);
  const name = store.nameOf(person.username);
  // The dialog may have been open before, with a list of people in it.
  useLayoutEffect(() => field.current.focus(), []);
  const send = async (event) => {
    event.preventDefault();
    if (!text.trim() || busy) return;
    setBusy(true);
    if (await actions.writeTo(person.username, text)) ui.closeDialog();
    else setBusy(false);
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  return html`<${Dialog} title=${t("Message {name}", { name })}>
    <form class="stack" onSubmit=${send}>
      <textarea ref=${field} class="input" rows="3" autofocus dir="auto" aria-label=${t("Message to {name}", { name })}
        placeholder=${t("Only {name} and you can read it", { name })} value=${text}
        onInput=${(event) => setText(event.currentTarget.value)} onKeyDown=${onKeyDown}></textarea>
      <div class="actions"><button type="button" class="button" onClick=${() => ui.closeDialog()}>${t("Cancel")}</button>
        <button class="button primary" disabled=${!text.trim() || busy}>${t("Send message")}</button></div>
    </form>
  <//>`;
}
