import { useEffect, useState } from "preact/hooks";
import { refusalText, t } from "../i18n/i18n.js";
import { asName, derivedName, NAME_MAX } from "../text/room_names.js";
import { useApp } from "./context.js";
import { Dialog, FieldError } from "./dialog.js";
import { html } from "./html.js";

const TITLE_MAX = 100;

export function CreateRoom({ suggested = "" }) {
  const { actions, ui } = useApp();
  const [title, setTitle] = useState(suggested.slice(0, TITLE_MAX));
  // Follows the name until it is edited by hand. Empty if only the server can derive it.
  const [address, setAddress] = useState(null);
  const name = address ?? derivedName(title);
  const [topic, setTopic] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const [taken, setTaken] = useState(new Set());
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    actions.publicRooms().then(
      (rooms) => setTaken(new Set(rooms.map((room) => room.room.toLowerCase()))),
      () => {},
    );
  }, []);
  const isTaken = t("A room called {name} already exists.", { name });
  const wrong = taken.has(name) ? isTaken : problem;
  const submit = async (event) => {
    event.preventDefault();
    if (!title.trim() || wrong || busy) return;
    setBusy(true);
    try {
      await actions.createRoom({ slug: name, title: title.trim(), topic: topic.trim(), isPrivate });
      ui.closeDialog();
    } catch (refusal) {
      setBusy(false);
      const [wrongField] = Object.values(refusal.fields ?? {});
      setProblem(
        refusal.code === "conflict"
          ? isTaken
          : refusalText({ code: refusal.code, message: wrongField ?? refusal.message }),
      );
    }
  };
  const type = (event) => {
    setProblem("");
    setTitle(event.currentTarget.value);
  };
  const typeAddress = (event) => {
    setProblem("");
    setAddress(asName(event.currentTarget.value));
  };
  return html`<${Dialog} title=${t("Create a room")}>
    <form class="stack" onSubmit=${submit}>
      <div class="field"><label for="room-name">${t("Name")}</label>
        <input class="input" id="room-name" autofocus autocomplete="off" maxlength=${TITLE_MAX} dir="auto"
          value=${title} onInput=${type} aria-invalid=${Boolean(wrong)} /></div>
      <div class=${wrong ? "field invalid" : "field"}><label for="room-address">${t("Address")}</label>
        <input class="input" id="room-address" autocomplete="off" autocapitalize="none" spellcheck=${false}
          maxlength=${NAME_MAX} value=${name} onInput=${typeAddress} placeholder=${t("Made from the name")}
          aria-invalid=${Boolean(wrong)} aria-describedby=${wrong ? "room-address-error" : undefined} />
        <${FieldError} id="room-address-error" text=${wrong} /></div>
      <div class="field"><label for="room-topic">${t("Topic")}</label>
        <input class="input" id="room-topic" maxlength="500" placeholder=${t("Optional")} value=${topic}
          onInput=${(event) => setTopic(event.currentTarget.value)} /></div>
      <div class="row plain"><div><b id="private-label">${t("Private")}</b><small>${t("Only people you invite can see it.")}</small></div>
        <button type="button" class="switch" role="switch" aria-checked=${isPrivate} aria-labelledby="private-label"
          onClick=${() => setPrivate(!isPrivate)}></button></div>
      <div class="actions"><button type="button" class="button" onClick=${() => ui.closeDialog()}>${t("Cancel")}</button>
        <button class="button primary" disabled=${!title.trim() || Boolean(wrong) || busy}>${t("Create room")}</button></div>
    </form>
  <//>`;
}
