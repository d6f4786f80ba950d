// What can be told of a file by its facts. Pure.

const PICTURE_MAX = { width: 400, height: 320 };
// Below this a picture could not be hit, or seen.
const PICTURE_MIN = 32;
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

export const isPicture = ({ type, thumbs, width }) =>
  type.startsWith("image/") && Boolean(width) && (Boolean(thumbs?.["480"]) || SHOWN.has(type));
export const isFilm = ({ type, width }) => type.startsWith("video/") && Boolean(width);
export const isSound = ({ type }) => type.startsWith("audio/");

// The box of a picture that stands alone: never larger than it is.
export function boxOf({ width, height }) {
  const scale = Math.min(1, PICTURE_MAX.width / width, PICTURE_MAX.height / height);
  return {
    width: Math.max(PICTURE_MIN, Math.round(width * scale)),
    height: Math.max(PICTURE_MIN, Math.round(height * scale)),
  };
}

// "PDF" of "plan.pdf"; "" where the name does not say.
export function extensionOf(name) {
  const found = /\.([A-Za-z0-9]{1,5})$/.exec(name);
  return found ? found[1].toUpperCase() : "";
}

// The beginning of a name, which may be cut, and its end, which says what it is.
export function nameParts(name) {
  const at = Math.max(name.lastIndexOf("."), name.length - 10, 0);
  return [name.slice(0, at), name.slice(at)];
}
