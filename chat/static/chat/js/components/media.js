// Players, viewers and previews: fetched when the page first needs one.

import "../i18n/i18n_requested.js";

export { Lightbox } from "./lightbox.js";
export { MiniPlayer } from "./mini_player.js";
export { PictureTools } from "./picture_tools.js";
export { Previews } from "./previews.js";
export { player, SoundPlayer } from "./sound_player.js";
export { StillPicture } from "./still_picture.js";
export { TextPreview } from "./text_preview.js";
