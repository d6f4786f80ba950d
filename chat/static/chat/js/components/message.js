// One row of the conversation: a message.

import { useState } from "preact/hooks";
import { clockTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { leadsOn } from "../net/addresses.js";
import { namesMe } from "../state/counts.js";
import { saidOf } from "../text/excerpt.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { Deferred } from "./deferred_part.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { openPerson, PersonLink } from "./person_link.js";
import { Reactions } from "./reactions.js";
import { Answered } from "./reply_line.js";
import { RichText } from "./rich_text.js";
import { useActive, useLongPress } from "./row_gestures.js";
import { ThreadLine } from "./thread_line.js";
import { Time, titleOf } from "./time.js";

// Props keep their identity while the message is unchanged, so only changed rows render again.
export function MessageRow({ message, first, fresh }) {
  const app = useApp();
  const { store, ui } = app;
  const { active, ...pointer } = useActive(ui);
  const editing = app.edits.isOf(message);
  const [shown, setShown] = useState(false);
  const folded = !shown && store.blocked.value.has(message.username);
  const Toolbar = active && app.lazy.deferred.here && app.lazy.onRequest.value?.Toolbar;
  const parts = editing && app.lazy.onRequest.value;
  const text = message.deleted ? t("deleted") : saidOf(message);
  const openSheet = () =>
    ui.openMenu(null, ({ MessageMenu }) => html`<${MessageMenu} message=${message} withReactions />`);
  return html`<article ...${lookOf(app, message, { first, fresh })} tabindex="-1" data-testid="message" data-row data-seq=${message.seq}
    aria-label=${`${store.nameOf(message.username)}, ${clockTime(new Date(message.timestamp))}, ${text}`}
    ...${useLongPress(openSheet)} ...${pointer}>
    ${gutter(app, message, first)}
    <div>
      ${first && head(app, message, active)}
      ${message.reply_to != null && html`<${Answered} message=${message} />`}
      ${message.pinned && html`<p class="note pinned"><${Icon} name="pin" small />${pinnedBy(app, message)}</p>`}
      ${body(app, message, editing, parts, { folded, unfold: () => setShown(true) })}
      ${!message.deleted && !folded && message.files?.length > 0 && html`<${Deferred} part="Files" message=${message} />`}
      ${!folded && previews(app, message)}
      ${!message.deleted && isReactedTo(message) && html`<${Reactions} message=${message} />`}
      ${message.replies && !message.in_thread && html`<${ThreadLine} message=${message} />`}
    </div>
    ${Toolbar && !message.deleted && !editing && html`<${Toolbar} message=${message} inside=${active === "inside"} />`}
  </article>`;
}

const isReactedTo = ({ reactions }) => Object.keys(reactions).length > 0;

// Style sheets select a state by its class, programs that read the page by its attribute.
function lookOf({ store, ui }, message, { first, fresh }) {
  const me = store.me.value.username;
  const named = !message.deleted && message.username !== me && namesMe(message, store.me.value);
  const tinted = ui.tinted.value?.room === message.room && ui.tinted.value.seq === message.seq;
  const classes = ["message", first && "first", fresh && "fresh", named && "mentioned", tinted && "tint"];
  return {
    class: classes.filter(Boolean).join(" "),
    "data-unread": fresh || undefined,
    "data-mentioned": named || undefined,
    "data-linked": tinted || undefined,
  };
}

// The first row of an author's run shows the avatar, the next rows the time.
function gutter(app, message, first) {
  const { username, timestamp, imported } = message;
  const mark = app.store.saved.has(message.room, message.seq) && html`<${Icon} name="bookmark" class="saved-mark" />`;
  if (!first)
    return html`${mark}<span class="message__gutter" aria-hidden="true" title=${imported && titleOf(new Date(timestamp), imported)}>
      ${clockTime(new Date(timestamp))}</span>`;
  const open = (event) => openPerson(app, username, event.currentTarget);
  return html`${mark}<${Avatar} username=${username} name=${app.store.plainNameOf(username)} onClick=${open} />`;
}

function head({ store }, message, active) {
  const { username } = message;
  const name = html`<bdi>${store.plainNameOf(username)}</bdi>`;
  return html`<p class="message__head">
    <b data-testid="author"><${PersonLink} username=${username} tabindex=${active ? 0 : -1}>${name}<//></b>
    ${store.isAlike(username) && html`<span class="note"><bdi>@${username}</bdi></span>`}
    <${Time} date=${new Date(message.timestamp)} imported=${message.imported} />
  </p>`;
}

function body(app, message, editing, parts, { folded, unfold }) {
  if (message.deleted) {
    const byOther = message.deleted_by && message.deleted_by !== message.username;
    return html`<p class="gone">${byOther ? t("Deleted by a moderator") : t("Message deleted")}</p>`;
  }
  if (folded)
    return html`<p class="gone">${t("Message from somebody you blocked.")} <button type="button" class="link-button"
      onClick=${unfold}>${t("Show")}</button></p>`;
  if (editing) return parts && html`<${parts.EditForm} message=${message} />`;
  const Forwarded = message.forwarded && app.lazy.forwarded.value?.Forwarded;
  if (Forwarded) return html`<${Forwarded} message=${message} />`;
  if (!message.message && !message.edited_at) return null;
  return html`<${RichText} message=${message} note=${editedNote(app, message)} />`;
}

// Users can turn previews off. Their module is fetched for the first one. A link into this chat may quote a message.
function previews({ lazy, preferences }, message) {
  const Previews = preferences.previews && leadsOn(message) && lazy.media.value?.Previews;
  return Previews && html`<${Previews} message=${message} />`;
}

const pinnedBy = ({ store }, { pinned }) => t("Pinned by {name}", { name: store.nameOf(pinned.by) });

function editedNote({ ui }, message) {
  if (!message.edited_at) return null;
  const show = () => ui.openDialog(({ Versions }) => html`<${Versions} message=${message} />`);
  return html`<button type="button" class="note" tabindex="-1" translate="no" onClick=${show}>${t("(edited)")}</button>`;
}
