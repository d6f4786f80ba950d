// Files of unsent messages: fetched when the user first picks, drops or pastes a file, or left one unsent before.

import "../i18n/i18n_requested.js";

export { Blobs } from "../net/blobs.js";
export { Uploads } from "../net/uploads.js";
export { attachTo } from "../state/attaching.js";
export { DropSign } from "./drop_sign.js";
export { PendingFiles } from "./pending_files.js";
export { attachedText, Tray } from "./tray.js";
export { VoiceRecorder } from "./voice_recorder.js";
