// One row of the conversation.

import { useEffect, useRef, useState } from "preact/hooks";
import { clockTime, fullTime } from "../i18n/dates.js";
import { list, t, tn, tx } from "../i18n/i18n.js";
import { excerpt } from "../text/excerpt.js";
import { systemParts } from "../timeline/system_line.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { openPerson, PersonLink } from "./person_link.js";
import { RichText } from "./rich_text.js";

const LONG_PRESS_MS = 450;
const KINDS_SHOWN = 12;
const NAMED_MAX = 30;
const TOOLBAR_ABOVE_PX = 30;

// Its properties are values that stay the same while the message does: a row is drawn again only when it changed.
export function MessageRow({ message, first, fresh }) {
  const date = new Date(message.timestamp);
  const app = useApp();
  const { store, ui } = app;
  const [active, setActive] = useState(null);
  const me = store.me.value.username;
  const editing = app.edits.isOf(message);
  const deferred = (active || editing) && app.lazy.deferred.value;
  const tinted = ui.tinted.value?.room === message.room && ui.tinted.value.seq === message.seq;
  const named = !message.deleted && message.username !== me && message.mentions.includes(me);
  const name = store.nameOf(message.username);
  const classes = ["message", first && "first", fresh && "fresh", named && "mentioned", tinted && "tint"]
    .filter(Boolean)
    .join(" ");
  const activate = (event) => {
    if (event.pointerType === "touch") return;
    const row = event.currentTarget;
    const inside =
      row.getBoundingClientRect().top - row.closest(".scroll").getBoundingClientRect().top < TOOLBAR_ABOVE_PX;
    setActive(inside ? "inside" : "above");
  };
  const calm = (event) => {
    if (event.type === "focusout" && event.currentTarget.contains(event.relatedTarget)) return;
    // Its menu is open: what it belongs to stays in sight.
    if (event.currentTarget.contains(ui.menu.value?.anchor ?? null)) return;
    setActive(null);
  };
  const openSheet = () =>
    ui.openMenu(null, ({ MessageMenu }) => html`<${MessageMenu} message=${message} withReactions />`);
  return html`<article class=${classes} tabindex="-1" data-row data-seq=${message.seq} ...${useLongPress(openSheet)}
    aria-label=${`${name}, ${clockTime(date)}, ${message.deleted ? t("deleted") : excerpt(message.message)}`} onPointerEnter=${activate} onPointerLeave=${calm} onFocusIn=${activate} onFocusOut=${calm}>
    ${first ? html`<${Avatar} username=${message.username} name=${store.plainNameOf(message.username)} onClick=${(event) => openPerson(app, message.username, event.currentTarget)} />` : html`<span class="message__gutter" aria-hidden="true">${clockTime(date)}</span>`}
    <div>
      ${first && html`<p class="message__head"><b><${PersonLink} username=${message.username} tabindex=${active ? 0 : -1}><bdi>${store.plainNameOf(message.username)}</bdi><//></b>${store.isAlike(message.username) && html`<span class="note"><bdi>@${message.username}</bdi></span>`}<${Time} date=${date} /></p>`}
      ${message.reply_to != null && !message.deleted && html`<${ReplyLine} room=${message.room} seq=${message.reply_to} />`}
      ${
        message.deleted
          ? html`<p class="gone">${message.deleted_by && message.deleted_by !== message.username ? t("Deleted by a moderator") : t("Message deleted")}</p>`
          : editing
            ? deferred && html`<${deferred.EditForm} message=${message} />`
            : html`<${RichText} message=${message} note=${editedNote(message)} />`
      }
      ${!message.deleted && html`<${Reactions} message=${message} />`}
    </div>
    ${active && deferred && !message.deleted && !editing && html`<${deferred.Toolbar} message=${message} inside=${active === "inside"} />`}
  </article>`;
}

export function PendingRow({ entry, first }) {
  const date = new Date(entry.at);
  const { store, outbox, session } = useApp();
  const me = store.me.value;
  const online = session.isOnline;
  const delayed = useDelayed(entry.state === "sending" || entry.state === "waiting", 600);
  const failed = entry.state === "failed";
  const message = useRef({ message: entry.message, mentions: [] }).current;
  const classes = ["message", first && "first", failed ? "fail" : entry.state !== "sent" && "pend"]
    .filter(Boolean)
    .join(" ");
  return html`<article class=${classes} tabindex="-1" data-row aria-busy=${!failed} aria-label=${`${me.display_name}, ${clockTime(date)}`}>
    ${first ? html`<${Avatar} username=${me.username} name=${me.display_name} />` : html`<span class="message__gutter" aria-hidden="true">${clockTime(date)}</span>`}
    <div>
      ${first && html`<p class="message__head"><b><bdi>${me.display_name}</bdi></b><${Time} date=${date} /></p>`}
      ${entry.reply_to && html`<${ReplyLine} room=${entry.room} seq=${entry.reply_to} />`}
      <${RichText} message=${message} />
      ${
        failed
          ? html`<p class="state bad"><span><${Icon} name="alert" />${entry.reason ? t("Not sent: {reason}", { reason: entry.reason }) : t("Not sent")}</span>
            <button type="button" class="link-button" onClick=${() => outbox.retry(entry.client_id)}>${t("Retry")}</button>
            <button type="button" class="link-button danger" onClick=${() => outbox.remove(entry.client_id)}>${t("Delete")}</button></p>`
          : !online
            ? html`<p class="state"><span><${Icon} name="clock" />${t("Waiting for connection")}</span></p>`
            : delayed &&
              entry.state !== "sent" &&
              html`<p class="state"><span><${Icon} name="clock" />${t("Sending")}</span></p>`
      }
    </div>
  </article>`;
}

export function SystemRow({ message, fresh }) {
  return html`<div class=${fresh ? "sys fresh" : "sys"} data-row data-seq=${message.seq}>
    <${Icon} name=${SYSTEM_ICONS[message.system?.event] ?? "dots"} />
    <p dir="auto"><${SystemText} message=${message} /> <${Time} date=${new Date(message.timestamp)} note /></p>
  </div>`;
}

function SystemText({ message }) {
  const { store } = useApp();
  return systemParts(message, (username) => store.nameOf(username)).map((part) =>
    part.name ? html`<b><bdi>${part.name}</bdi></b>` : part.said ? html`<bdi>${part.said}</bdi>` : part,
  );
}

export function JoinsRow({ messages, fresh }) {
  const { store } = useApp();
  const date = new Date(messages.at(-1).timestamp);
  const name = store.nameOf(messages[0].system?.username ?? messages[0].username);
  return html`<div class=${fresh ? "sys fresh" : "sys"} data-row data-seq=${messages.at(-1).seq}>
    <${Icon} name="enter" />
    <p>${tx("{name} and {n} others joined the room", { name: html`<b><bdi>${name}</bdi></b>`, n: messages.length - 1 })} <${Time} date=${date} note /></p>
  </div>`;
}

const SYSTEM_ICONS = {
  joined: "enter",
  added: "enter",
  left: "leave",
  kicked: "leave",
  banned: "ban",
  topic: "edit",
  renamed: "edit",
  cleared: "x",
};

function Time({ date, note = false }) {
  return html`<time class=${note ? "note" : undefined} datetime=${date.toISOString()} title=${fullTime(date)}>${clockTime(date)}</time>`;
}

function editedNote(message) {
  return (
    message.edited_at &&
    html`<span class="note" translate="no" title=${t("Edited {time}", { time: fullTime(new Date(message.edited_at)) })}>${t("(edited)")}</span>`
  );
}

function ReplyLine({ room, seq }) {
  const { store, history, jumpTo } = useApp();
  const log = store.log(room);
  log.version.value;
  const original = log.get(seq);
  useEffect(() => {
    if (!original) history.quote(room, seq);
  }, [Boolean(original), seq]);
  const jump = (event) => {
    event.preventDefault();
    jumpTo(room, seq);
  };
  if (original?.deleted) return html`<span class="message__reply"><span>${t("Original message deleted")}</span></span>`;
  const name = original ? store.nameOf(original.username) : "";
  return html`<a class="message__reply" href=${`/rooms/${room}/#m${seq}`} onClick=${jump}>
    ${original && html`<${Avatar} username=${original.username} name=${store.plainNameOf(original.username)} size="xs" />`}<b><bdi>${name}</bdi></b><span dir="auto">${original ? excerpt(original.message) : "…"}</span>
  </a>`;
}

function Reactions({ message }) {
  const app = useApp();
  const { store, ui } = app;
  const [all, setAll] = useState(false);
  const me = store.me.value.username;
  const kinds = Object.entries(message.reactions);
  const whoReacted = () => app.lazy.deferred.fetch().then(({ showReactedBy }) => showReactedBy(app, message));
  const press = useLongPress(whoReacted);
  if (!kinds.length) return null;
  const onContextMenu = (event) => {
    event.preventDefault();
    whoReacted();
  };
  const shown = all ? kinds : kinds.slice(0, KINDS_SHOWN);
  const pick = (event) =>
    ui.openMenu(
      event.currentTarget,
      ({ EmojiPicker }) =>
        html`<${EmojiPicker} onPick=${(picked) => app.actions.react(message.room, message.seq, picked, true)} />`,
    );
  return html`<div class="reactions" ...${press} onContextMenu=${onContextMenu}>
    ${shown.map(([sign, names]) => {
      const mine = names.includes(me);
      const people = names.slice(0, NAMED_MAX).map((name) => (name === me ? t("You") : store.nameOf(name)));
      if (names.length > NAMED_MAX) people.push(tn("{n} other", "{n} others", names.length - NAMED_MAX));
      const toggle = () => {
        // The end of a long press.
        if (ui.menu.value) return;
        app.act((actions) => {
          if (!mine) app.emoji.use(sign);
          return actions.react(message.room, message.seq, sign, !mine);
        });
      };
      return html`<button type="button" key=${sign} aria-pressed=${mine} title=${list(people)} onClick=${toggle}
        aria-label=${`${sign}, ${names.length}: ${list(people)}`}><i>${sign}</i>${names.length}</button>`;
    })}
    ${kinds.length > shown.length && html`<button type="button" onClick=${() => setAll(true)}>+${kinds.length - shown.length}</button>`}
    <button type="button" class="add" aria-label=${t("Add reaction")} aria-haspopup="menu" onClick=${pick}><${Icon} name="smile" small /></button>
  </div>`;
}

// On touch a long press opens what the toolbar holds elsewhere.
function useLongPress(open) {
  const timer = useRef(0);
  const stop = () => clearTimeout(timer.current);
  return {
    onTouchStart: (event) => {
      event.stopPropagation();
      stop();
      timer.current = setTimeout(open, LONG_PRESS_MS);
    },
    onTouchMove: stop,
    onTouchEnd: stop,
    onTouchCancel: stop,
  };
}

// True once `waiting` has lasted for `delay`.
function useDelayed(waiting, delay) {
  const [delayed, setDelayed] = useState(false);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setDelayed(true), delay);
    return () => clearTimeout(timer);
  }, [waiting]);
  return delayed && waiting;
}
