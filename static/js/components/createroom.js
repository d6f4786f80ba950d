import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
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
  const wrong = taken.has(name) ? `A room called ${name} already exists.` : problem;
  const submit = async (event) => {
    event.preventDefault();
    if (!name || wrong || busy) return;
    setBusy(true);
    try {
      await actions.createRoom({ name, topic: topic.trim(), isPrivate });
      ui.closeDialog();
    } catch (refusal) {
      setBusy(false);
      setProblem(refusal.code === "conflict" ? `A room called ${name} already exists.` : (Object.values(refusal.fields ?? {})[0] ?? refusal.message));
    }
  };
  const type = (event) => {
    setProblem("");
    setName(asName(event.currentTarget.value));
  };
  return html`<${Dialog} title="Create a room">
    <form class="stack" onSubmit=${submit}>
      <div class=${wrong ? "fld err" : "fld"}><label for="room-name">Name</label>
        <input class="inp" id="room-name" autofocus autocomplete="off" spellcheck=${false} maxlength=${NAME_MAX} value=${name} onInput=${type}
          aria-invalid=${Boolean(wrong)} aria-describedby="room-name-error" />
        <${FieldError} id="room-name-error" text=${wrong} /></div>
      <div class="fld"><label for="room-topic">Topic</label>
        <input class="inp" id="room-topic" maxlength="500" placeholder="Optional" value=${topic} onInput=${(event) => setTopic(event.currentTarget.value)} /></div>
      <div class="row plain"><div><b id="private-label">Private</b><small>Only people you invite can see it.</small></div>
        <button type="button" class="sw" role="switch" aria-checked=${isPrivate} aria-labelledby="private-label" onClick=${() => setPrivate(!isPrivate)}></button></div>
      <div class="acts"><button type="button" class="btn" onClick=${() => ui.closeDialog()}>Cancel</button>
        <button class="btn primary" disabled=${!name || Boolean(wrong) || busy}>Create room</button></div>
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
