// What the first paint does not need, in one: what opens on request, lies over the page or stands beside it.

import "../otherwords.js";

import { html } from "../html.js";
import { Announcements, Banner, NewVersion, NotificationOffer } from "./banner.js";
import { DialogLayer } from "./dialog.js";
import { MenuLayer } from "./menu.js";
import { Toasts } from "./toasts.js";

export { Speech } from "../speech.js";
export { Actions } from "../actions.js";
export { RecentEmoji } from "../recent.js";
export { fenced, wrapped } from "../marking.js";
export { suggestionsFor } from "../suggest.js";
export { closedBar } from "./closedbar.js";
export { BrowseRooms } from "./browse.js";
export { ClearRoom } from "./clearroom.js";
export { CreateRoom } from "./createroom.js";
export { Edges } from "./edges.js";
export { EditForm } from "./editform.js";
export { EmojiPicker } from "./emojipicker.js";
export { Help } from "./help.js";
export { Invite } from "./invite.js";
export { onShortcut } from "./keys.js";
export { LeaveRoom } from "./leaveroom.js";
export { onListKey } from "./listkeys.js";
export { Members, PersonMenu } from "./members.js";
export { MessageMenu } from "./messagemenu.js";
export { NewMessage } from "./newmessage.js";
export { Outside } from "./outside.js";
export { QuickSwitch } from "./quickswitch.js";
export { showReactedBy } from "./reactedby.js";
export { Removal } from "./removal.js";
export { RoomDetails } from "./details.js";
export { RoomMenu } from "./roommenu.js";
export { RoomStart } from "./roomstart.js";
export { SettingsMenu } from "./settingsmenu.js";
export { Shortcuts } from "./shortcuts.js";
export { Suggestions } from "./suggestions.js";
export { Toolbar } from "./toolbar.js";
export { TopicDialog } from "./topic.js";
export { TypingLine } from "./typingline.js";
export { WritingMenu } from "./writingmenu.js";

export function Banners() {
  return html`<${Banner} /><${NewVersion} /><${Announcements} /><${NotificationOffer} />`;
}

export function Layers({ rest }) {
  return html`<${Toasts} /><${MenuLayer} rest=${rest} /><${DialogLayer} rest=${rest} />`;
}
