import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { refusalText, t } from "../words.js";
import { useApp } from "./context.js";
import { Dialog, FieldError } from "./dialog.js";

// What PROTOCOL.md allows as a name.
const NAME_MAX = 64;

export function CreateRoom({ suggested = "" }) {
  const { actions, ui } = useApp();
  const [name, setName] = useState(asName(suggested));
  const [topic, setTopic] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const [taken, setTaken] = useState(new Set());
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    actions.publicRooms().then((rooms) => setTaken(new Set(rooms.map((room) => room.room.toLowerCase()))), () => {});
  }, []);
  const isTaken = t("A room called {name} already exists.", { name });
  const wrong = taken.has(name) ? isTaken : problem;
  const submit = async (event) => {
    event.preventDefault();
    if (!name || wrong || busy) return;
    setBusy(true);
    try {
      await actions.createRoom({ name, topic: topic.trim(), isPrivate });
      ui.closeDialog();
    } catch (refusal) {
      setBusy(false);
      const [wrongField] = Object.values(refusal.fields ?? {});
      setProblem(refusal.code === "conflict" ? isTaken : refusalText({ code: refusal.code, message: wrongField ?? refusal.message }));
    }
  };
  const type = (event) => {
    setProblem("");
    setName(asName(event.currentTarget.value));
  };
  return html`<${Dialog} title=${t("Create a room")}>
    <form class="stack" onSubmit=${submit}>
      <div class=${wrong ? "fld err" : "fld"}><label for="room-name">${t("Name")}</label>
        <input class="inp" id="room-name" autofocus autocomplete="off" spellcheck=${false} maxlength=${NAME_MAX} value=${name} onInput=${type}
          aria-invalid=${Boolean(wrong)} aria-describedby="room-name-error" />
        <${FieldError} id="room-name-error" text=${wrong} /></div>
      <div class="fld"><label for="room-topic">${t("Topic")}</label>
        <input class="inp" id="room-topic" maxlength="500" placeholder=${t("Optional")} value=${topic} onInput=${(event) => setTopic(event.currentTarget.value)} /></div>
      <div class="row plain"><div><b id="private-label">${t("Private")}</b><small>${t("Only people you invite can see it.")}</small></div>
        <button type="button" class="sw" role="switch" aria-checked=${isPrivate} aria-labelledby="private-label" onClick=${() => setPrivate(!isPrivate)}></button></div>
      <div class="acts"><button type="button" class="btn" onClick=${() => ui.closeDialog()}>${t("Cancel")}</button>
        <button class="btn primary" disabled=${!name || Boolean(wrong) || busy}>${t("Create room")}</button></div>
    </form>
  <//>`;
}

// Lower case as typed, spaces to hyphens, nothing an address cannot hold.
export function asName(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\s+/g, "-")
    .replace(/[^a-z0-9_-]/g, "")
    .slice(0, NAME_MAX);
}
