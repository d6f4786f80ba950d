// What the first paint does not need, in one: what opens on request, lies over the page or stands beside it.

import "../i18n/i18n_deferred.js";

import { Announcements, NewVersion, NotificationOffer } from "./banner.js";
import { ConnectionBanner } from "./connection_banner.js";
import { DialogLayer } from "./dialog.js";
import { html } from "./html.js";
import { MenuLayer } from "./menu.js";
import { Toasts } from "./toasts.js";

export { MessageAnnouncements } from "../a11y/announcements.js";
export { Actions } from "../actions.js";
export { RecentEmoji } from "../state/recent_emoji.js";
export { suggestionsFor } from "../text/suggest.js";
export { fenced, wrapped } from "../text/text_formatting.js";
export { BrowseRooms } from "./browse.js";
export { ClearRoom } from "./clear_room.js";
export { closedBar } from "./closed_bar.js";
export { CreateRoom } from "./create_room.js";
export { EditForm } from "./edit_form.js";
export { EmojiPicker } from "./emoji_picker.js";
export { onShortcut } from "./global_shortcuts.js";
export { Help } from "./help.js";
export { InviteDialog } from "./invite_dialog.js";
export { LeaveRoom } from "./leave_room.js";
export { MessageMenu } from "./message_menu.js";
export { NewMessage } from "./new_message.js";
export { Outside } from "./outside.js";
export { PaneLayer } from "./pane.js";
export { PersonMenu } from "./person_menu.js";
export { QuickSwitch } from "./quick_switch.js";
export { showReactedBy } from "./reacted_by.js";
export { Removal } from "./removal.js";
export { RoomDetails } from "./room_details.js";
export { RoomMenu } from "./room_menu.js";
export { RoomStart } from "./room_start.js";
export { SettingsMenu } from "./settings_menu.js";
export { Shortcuts } from "./shortcuts.js";
export { Suggestions } from "./suggestions.js";
export { onListKey } from "./timeline_shortcuts.js";
export { Toolbar } from "./toolbar.js";
export { TopicDialog } from "./topic_dialog.js";
export { TypingLine } from "./typing_line.js";
export { UnreadOverflow } from "./unread_overflow.js";
export { WritingMenu } from "./writing_menu.js";

export function Banners() {
  return html`<${ConnectionBanner} /><${NewVersion} /><${Announcements} /><${NotificationOffer} />`;
}

export function Layers({ deferred }) {
  return html`<${Toasts} /><${MenuLayer} deferred=${deferred} /><${DialogLayer} deferred=${deferred} />`;
}
