// Starts a conversation with one or several people: find them and, if there is none yet, write the first message.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { list, t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { FindPerson } from "./find_person.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

// People besides the user.
const GROUP_MIN = 2;
export const GROUP_MAX = 9;

export function NewMessage({ to = null }) {
  const app = useApp();
  const { actions, store, ui } = app;
  const [person, setPerson] = useState(to);
  const [several, setSeveral] = useState(false);
  const choose = (chosen) => {
    const room = actions.directRoom(chosen.username);
    if (!room) {
      setPerson(chosen);
      return;
    }
    ui.closeDialog();
    app.openRoom(room.room);
  };
  if (several) return html`<${NewGroup} />`;
  if (person) return html`<${FirstMessage} to=${person.username} name=${store.nameOf(person.username)} />`;
  return html`<${Dialog} title=${t("New message")} tall closable>
    <${FindPerson} onChoose=${choose} />
    <div class="offer"><button type="button" class="link-button" onClick=${() => setSeveral(true)}>
      ${t("Write to several people")}</button></div>
  <//>`;
}

// `begun`: usernames.
export function NewGroup({ begun = [] }) {
  const app = useApp();
  const { store, ui } = app;
  const [people, setPeople] = useState(begun);
  const [ready, setReady] = useState(false);
  const parts = useRef(null);
  // Each choice remounts FindPerson with an empty field: focus it again.
  useEffect(() => {
    parts.current?.querySelector("input")?.focus();
  }, [people.length]);
  const go = () => {
    const room = groupOf(store, people);
    if (!room) return setReady(true);
    ui.closeDialog();
    return app.openRoom(room.room);
  };
  if (ready) return html`<${FirstMessage} to=${people} name=${list(people.map((one) => store.nameOf(one)))} />`;
  return html`<${Dialog} title=${t("Write to several people")} tall closable>
    <div class="chips">${people.map((one) => {
      const name = store.nameOf(one);
      return html`<button type="button" class="chip set" key=${one} aria-label=${t("Leave out {name}", { name })}
        onClick=${() => setPeople(people.filter((other) => other !== one))}><bdi>${name}</bdi><${Icon} name="x" small /></button>`;
    })}</div>
    <div class="group-people" ref=${parts}>${
      people.length < GROUP_MAX
        ? html`<${FindPerson} key=${people.length} except=${people}
            onChoose=${({ username }) => setPeople([...people, username])} />`
        : html`<p class="note">${t("A conversation has at most {n} people.", { n: GROUP_MAX + 1 })}</p>`
    }</div>
    <div class="actions"><small class="note">${people.length < GROUP_MIN ? t("Choose at least two people.") : ""}</small>
      <button type="button" class="button primary" disabled=${people.length < GROUP_MIN} onClick=${go}>${t("Continue")}</button></div>
  <//>`;
}

// The existing conversation of exactly these people, or undefined.
function groupOf(store, people) {
  const wanted = [...people].sort().join(" ");
  return [...store.rooms.value.values()].find(
    (room) => room.kind === "group" && [...(room.people ?? [])].sort().join(" ") === wanted,
  );
}

// `to`: a username, or several.
function FirstMessage({ to, name }) {
  const { actions, ui } = useApp();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef(null);
  // `autofocus` does nothing if the dialog was already open with the list of people.
  useLayoutEffect(() => field.current.focus(), []);
  const send = async (event) => {
    event.preventDefault();
    if (!text.trim() || busy) return;
    setBusy(true);
    if (await actions.writeTo(to, text)) ui.closeDialog();
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
