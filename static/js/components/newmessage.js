// Writing to one person: find them, and, when there is no direct room yet, say the first thing.

import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";

const SEARCH_AFTER_MS = 200;

export function NewMessage({ to = null }) {
  const app = useApp();
  const { actions, store, ui } = app;
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
  return html`<${Dialog} title="New message" tall closable><${FindPerson} onChoose=${choose} me=${store.me.value.username} /><//>`;
}

function FindPerson({ onChoose, me }) {
  const { actions, store } = useApp();
  const [query, setQuery] = useState("");
  const [people, setPeople] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      actions.people(query.trim()).then(
        (found) => {
          if (!wanted) return;
          store.learn(found);
          setProblem("");
          setPeople(found.filter((person) => person.username !== me));
        },
        (refusal) => wanted && setProblem(refusal.message),
      );
    }, people === null ? 0 : SEARCH_AFTER_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [query]);
  const submit = (event) => {
    event.preventDefault();
    if (people?.length) onChoose(people[0]);
  };
  return html`<form onSubmit=${submit}><input class="inp" type="search" autofocus autocomplete="off" placeholder="Name or username" aria-label="Find a person"
      value=${query} onInput=${(event) => setQuery(event.currentTarget.value)} /></form>
    <div class="scrolls">
      ${problem && html`<p>${problem}</p>`}
      ${people?.length === 0 && html`<p>${query.trim() ? `Nobody here is called “${query.trim()}”.` : "Nobody else is here yet."}</p>`}
      ${(people ?? []).map(
        (person) => html`<button type="button" class="opt" key=${person.username} onClick=${() => onChoose(person)}>
          <${Avatar} username=${person.username} name=${person.display_name || person.username} size="x" online=${store.isOnline(person.username)} />
          <b>${person.display_name || person.username}</b><span class="sub">@${person.username}</span>
        </button>`,
      )}
    </div>`;
}

function FirstMessage({ person }) {
  const { actions, ui } = useApp();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const name = person.display_name || person.username;
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
  return html`<${Dialog} title=${`Message ${name}`}>
    <form class="stack" onSubmit=${send}>
      <textarea class="inp" rows="3" autofocus dir="auto" aria-label=${`Message to ${name}`} placeholder=${`Only ${name} and you can read it`}
        value=${text} onInput=${(event) => setText(event.currentTarget.value)} onKeyDown=${onKeyDown}></textarea>
      <div class="acts"><button type="button" class="btn" onClick=${() => ui.closeDialog()}>Cancel</button>
        <button class="btn primary" disabled=${!text.trim() || busy}>Send message</button></div>
    </form>
  <//>`;
}
