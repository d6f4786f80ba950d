// Derives from a file's facts how to show it. Pure.

const PICTURE_MAX = { width: 400, height: 320 };
// A smaller picture could hardly be seen or clicked.
const PICTURE_MIN = 32;
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

export const isPicture = ({ type, thumbs, width }) =>
  type.startsWith("image/") && Boolean(width) && (Boolean(thumbs?.["480"]) || SHOWN.has(type));
export const isFilm = ({ type, width }) => type.startsWith("video/") && Boolean(width);
export const isSound = ({ type }) => type.startsWith("audio/");

// The box of a single picture: never larger than the picture.
export function boxOf({ width, height }) {
  const scale = Math.min(1, PICTURE_MAX.width / width, PICTURE_MAX.height / height);
  return {
    width: Math.max(PICTURE_MIN, Math.round(width * scale)),
    height: Math.max(PICTURE_MIN, Math.round(height * scale)),
  };
}

// "PDF" for "plan.pdf"; "" for a name without an extension.
export function extensionOf(name) {
  const found = /\.([A-Za-z0-9]{1,5})$/.exec(name);
  return found ? found[1].toUpperCase() : "";
}

// The beginning of a name, which may be cut, and its end, which shows the type.
export function nameParts(name) {
  const at = Math.max(name.lastIndexOf("."), name.length - 10, 0);
  return [name.slice(0, at), name.slice(at)];
}
