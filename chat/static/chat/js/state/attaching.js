// Puts files that a person picks, drops or pastes into the tray, with a reason for each file that may not be sent.

import { t, tn } from "../i18n/i18n.js";
import { sizeText } from "../i18n/sizes.js";
import { newId } from "../net/new_id.js";

const SIDE_MAX = 4096;
const QUALITY = 0.9;

// `limits`: {max: bytes, 0 for no limit, per_message}. The files enter the tray before they are prepared, so that a
// message sent immediately takes them all. Returns the attached files.
export async function attachTo(room, chosen, { trays, blobs, uploads, limits, change }) {
  const { fitting, texts } = sorted(chosen, trays.of(room).length, limits);
  const files = fitting.map((given) => {
    const { name, size, type } = given;
    const file = { key: newId(), name: name || t("picture.png"), size, type };
    blobs.hold(file.key, given);
    return file;
  });
  trays.refused.value = { room, texts };
  if (files.length) trays.put(room, [...trays.of(room), ...files]);
  for (const [at, given] of fitting.entries()) {
    const { key } = files[at];
    const { blob, ...facts } = await prepared(given);
    await blobs.put(key, blob);
    change(key, { size: blob.size, ...facts });
    uploads.begin(key);
  }
  return files;
}

export function sorted(chosen, held, { max, per_message }) {
  const texts = /** @type {string[]} */ ([]);
  const right = chosen.filter((file) => {
    if (!file.size) texts.push(t("{name} is empty.", { name: file.name }));
    else if (max && file.size > max)
      texts.push(
        t("{name} is {size}. The limit is {limit}.", {
          name: file.name,
          size: sizeText(file.size),
          limit: sizeText(max),
        }),
      );
    return file.size && !(max && file.size > max);
  });
  const room = Math.max(0, per_message - held);
  if (right.length > room)
    texts.push(tn("Only {n} file fits in one message.", "Only {n} files fit in one message.", per_message));
  return { fitting: right.slice(0, room), texts };
}

// Adds the size in pixels. A JPEG larger than anyone looks at is scaled down before the upload.
async function prepared(file) {
  if (!file.type.startsWith("image/") || file.type === "image/svg+xml") return { blob: file };
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return { blob: file };
  }
  const { width, height } = picture;
  const scale = SIDE_MAX / Math.max(width, height);
  if (scale >= 1 || file.type !== "image/jpeg") {
    picture.close();
    return { blob: file, width, height };
  }
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const smaller = await canvas.convertToBlob({ type: file.type, quality: QUALITY });
  return { blob: smaller, width: canvas.width, height: canvas.height };
}
