// What plays and what is looked at closely: fetched with the first of it.

import "../i18n/i18n_requested.js";

export { Lightbox } from "./lightbox.js";
export { Previews } from "./previews.js";
export { SoundPlayer } from "./sound_player.js";
export { StillPicture } from "./still_picture.js";
