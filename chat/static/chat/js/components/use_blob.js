// Returns the blob URL of an unsent file, null until it is known.

import { useEffect, useState } from "preact/hooks";
import { useApp } from "./context.js";

export function useBlob(key, wanted) {
  const { blobs } = useApp().attachments;
  const [url, setUrl] = useState(/** @type {?string} */ (null));
  useEffect(() => {
    let here = true;
    if (wanted) blobs.url(key).then((found) => here && setUrl(found));
    return () => {
      here = false;
    };
  }, [key, wanted]);
  return url;
}
