// Menus and dialogs that open on request, fetched at the first interaction with the page.

import "../i18n/i18n_requested.js";

export { BrowseRooms } from "./browse.js";
export { ClearRoom } from "./clear_room.js";
export { CreateRoom } from "./create_room.js";
export { DateDialog } from "./date_dialog.js";
export { Confirm } from "./dialog.js";
export { EditForm } from "./edit_form.js";
export { EmojiPicker } from "./emoji_picker.js";
export { ExportRoom } from "./export_room.js";
export { showForward } from "./forward_dialog.js";
export { Help } from "./help.js";
export { InviteDialog } from "./invite_dialog.js";
export { LaterDialog, LaterMenu } from "./later.js";
export { LeaveRoom } from "./leave_room.js";
export { askToDelete, MessageMenu } from "./message_menu.js";
export { NewMessage } from "./new_message.js";
export { NotifyMenu } from "./notify.js";
export { Outside } from "./outside.js";
export { PersonMenu } from "./person_menu.js";
export { QuickSwitch } from "./quick_switch.js";
export { showReactedBy } from "./reacted_by.js";
export { RemindMenu } from "./remind_menu.js";
export { showReminded } from "./reminded.js";
export { Removal } from "./removal.js";
export { RoomDetails } from "./room_details.js";
export { RoomMenu } from "./room_menu.js";
export { SettingsMenu } from "./settings_menu.js";
export { Shortcuts } from "./shortcuts.js";
export { Toolbar } from "./toolbar.js";
export { TopicDialog } from "./topic_dialog.js";
export { Versions } from "./versions.js";
export { WritingMenu } from "./writing_menu.js";
