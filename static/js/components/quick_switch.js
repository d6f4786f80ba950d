// Ctrl K: to any room, person or command by a few letters.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { callsOf, unreadOf } from "../state/room_counts.js";
import { fuzzy, markedParts } from "../text/fuzzy.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { asName, CreateRoom } from "./create_room.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";
import { NewMessage } from "./new_message.js";
import { writeTo } from "./profile.js";
import { nameOf } from "./sidebar.js";
import { commandsFor } from "./switch_commands.js";

const SHOWN_MAX = 8;
const COMMANDS_MAX = 5;

export function QuickSwitch() {
  const app = useApp();
  const { store, ui, drafts } = app;
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useRef(null);
  const options = optionsFor(app, query.trim());
  const at = Math.min(chosen, options.length - 1);
  useEffect(() => list.current?.children[at]?.scrollIntoView({ block: "nearest" }), [at]);
  const take = (option) => {
    ui.closeDialog();
    option.run();
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setChosen((at + step + options.length) % options.length);
    } else if (event.key === "Enter" && !event.isComposing && options[at]) {
      event.preventDefault();
      take(options[at]);
    }
  };
  const type = (event) => {
    setQuery(event.currentTarget.value);
    setChosen(0);
  };
  return html`<div class="popover palette" role="document" aria-label=${t("Quick switch")}>
    <div class="palette__input"><${Icon} name="search" />
      <input autofocus autocomplete="off" spellcheck=${false} role="combobox" aria-expanded="true" aria-controls="switch-list" aria-label=${t("Room or person")}
        aria-activedescendant=${options.length ? `switch-${at}` : undefined} placeholder=${t("Jump to a room or person")} value=${query} onInput=${type} onKeyDown=${onKeyDown} />
      <kbd class="only-wide">Esc</kbd><${IconButton} icon="x" class="only-phone" label=${t("Close")} onClick=${() => ui.closeDialog()} /></div>
    <div class="options" role="listbox" id="switch-list" ref=${list}>
      ${options.map(
        (
          option,
          index,
        ) => html`<button type="button" role="option" tabindex="-1" id=${`switch-${index}`} aria-selected=${index === at} key=${option.key}
        class=${index === at ? "option selected" : "option"} onClick=${() => take(option)} onPointerMove=${() => setChosen(index)}>
        ${signOf(option, store)}
        <b><bdi>${markedParts(option.label, option.marks).map((part) => (part.marked ? html`<u>${part.text}</u>` : part.text))}</bdi></b>
        <span class="sub">${option.room && drafts.rooms.value.has(option.room.room) ? (option.room.show_username ? `${option.sub} · ${t("draft")}` : t("draft")) : option.sub}</span>
        ${option.room && badge(option.room)}
      </button>`,
      )}
    </div>
    <div class="popover__foot only-wide"><span><kbd>↑</kbd> <kbd>↓</kbd> ${t("move")}</span><span><kbd>Enter</kbd> ${t("open")}</span></div>
  </div>`;
}

function optionsFor(app, query) {
  const rooms = [...app.store.rooms.value.values()];
  const option = (room, marks) => ({
    key: room.room,
    room,
    marks,
    label: nameOf(room),
    sub: subOf(room),
    run: () => app.openRoom(room.room),
  });
  if (!query) {
    const order = (room) => (callsOf(room) > 0 ? 2 : unreadOf(room) > 0 ? 1 : 0);
    return rooms
      .filter((room) => room.room !== app.ui.room.value)
      .sort((a, b) => order(b) - order(a) || b.latest.localeCompare(a.latest) || nameOf(a).localeCompare(nameOf(b)))
      .slice(0, SHOWN_MAX)
      .map((room) => option(room, []));
  }
  const foundRooms = matching(query, rooms, nameOf).map(({ one, match }) => ({
    ...option(one, match.marks),
    score: match.score,
  }));
  const foundPeople = matching(query, strangers(app), (person) => person.display_name).map(({ one, match }) => ({
    key: `@${one.username}`,
    person: one,
    label: one.display_name,
    marks: match.marks,
    score: match.score,
    sub: `@${one.username}`,
    run: () => writeTo(app, one),
  }));
  const found = [...foundRooms, ...foundPeople].sort((a, b) => b.score - a.score).slice(0, SHOWN_MAX);
  const commands = matchingCommands(query, commandsFor(app)).slice(0, COMMANDS_MAX);
  const name = asName(query);
  return [
    ...found,
    ...commands.map(({ one, match }) => ({ ...one, marks: match.marks, sub: "", run: () => one.run(app) })),
    {
      key: "person",
      icon: "user",
      label: t("New direct message"),
      marks: [],
      sub: "",
      run: () => app.ui.openDialog(() => html`<${NewMessage} />`),
    },
    ...(name && !app.store.room(name)
      ? [
          {
            key: "create",
            icon: "plus",
            label: t("Create room “{name}”", { name }),
            marks: [],
            sub: "",
            run: () => app.ui.openDialog(() => html`<${CreateRoom} suggested=${name} />`),
          },
        ]
      : []),
  ];
}

// People this page has met and has no room with; rooms of two are among the rooms.
function strangers({ store }) {
  const known = new Set([...store.rooms.value.values()].map((room) => room.username));
  return [...store.names.value]
    .filter(([username]) => username !== store.me.value.username && !known.has(username))
    .map(([username, display_name]) => ({ username, display_name }));
}

const matching = (query, list, nameIt) =>
  list
    .map((one) => ({ one, match: fuzzy(query, nameIt(one)) }))
    .filter(({ match }) => match)
    .sort((a, b) => b.match.score - a.match.score);

// By their names, then by the other words people look for them by.
function matchingCommands(query, commands) {
  const named = matching(query, commands, (command) => command.label).filter(({ match }) => match.score > 0);
  const also = commands.filter(
    ({ also = "", key }) =>
      also.toLowerCase().includes(query.toLowerCase()) && !named.some(({ one }) => one.key === key),
  );
  return [...named, ...also.map((one) => ({ one, match: { marks: [] } }))];
}

const subOf = (room) =>
  room.kind === "direct" ? `@${room.username ?? ""}` : room.kind === "private" ? t("private room") : room.topic;

function signOf({ room, person, icon }, store) {
  if (person)
    return html`<${Avatar} username=${person.username} name=${person.display_name} size="x" online=${store.isOnline(person.username)} />`;
  return room ? roomSign(room, store) : html`<${Icon} name=${icon} />`;
}

function roomSign(room, store) {
  if (room.kind !== "direct") return html`<${Icon} name=${room.kind === "private" ? "lock" : "hash"} />`;
  return html`<${Avatar} username=${room.username ?? room.room} name=${nameOf(room)} size="x" online=${store.isOnline(room.username)} />`;
}

function badge(room) {
  const calls = callsOf(room);
  if (calls) return html`<span class="badge at">${room.kind === "direct" ? calls : `@ ${calls}`}</span>`;
  return unreadOf(room) > 0 && html`<span class="badge">${Math.min(unreadOf(room), 99)}</span>`;
}
