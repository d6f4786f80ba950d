// What every visit needs but the first paint does not: the layers over the page and the parts beside it.

import "../i18n/i18n_deferred.js";
// The suggestions and the Markdown share it, and neither bundle should load the other.
import "../text/formatting/letters.js";

import { Announcements, NewVersion, NotificationOffer } from "./banner.js";
import { ConnectionBanner } from "./connection_banner.js";
import { useApp } from "./context.js";
import { DialogLayer } from "./dialog.js";
import { html } from "./html.js";
import { MenuLayer } from "./menu.js";
import { Toasts } from "./toasts.js";

export { MessageAnnouncements } from "../a11y/announcements.js";
export { Actions } from "../actions.js";
export { DraftSync } from "../state/draft_sync.js";
export { RecentEmoji } from "../state/recent_emoji.js";
export { fenced, wrapped } from "../text/text_formatting.js";
export { closedBar } from "./closed_bar.js";
export { DropTarget } from "./drop_target.js";
export { Files } from "./files.js";
export { onShortcut } from "./global_shortcuts.js";
export { asksFirst } from "./many_called.js";
export { Opening } from "./opening.js";
export { PaneLayer } from "./pane.js";
export { PendingRow } from "./pending_row.js";
export { RoomStart } from "./room_start.js";
export { SidebarLists } from "./sidebar_lists.js";
export { onListKey } from "./timeline_shortcuts.js";
export { TypingLine } from "./typing_line.js";
export { UnreadOverflow } from "./unread_overflow.js";

export function Banners() {
  return html`<${ConnectionBanner} /><${NewVersion} /><${Announcements} /><${NotificationOffer} />${useApp().ui.over.value?.()}`;
}

export function Layers() {
  return html`<${Toasts} /><${MenuLayer} /><${DialogLayer} />`;
}
