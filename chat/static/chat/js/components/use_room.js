// A room's facts in a form that saves each when it is changed.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

// What the server knows of the room, and a function that changes it and says that it is saved.
export function useRoom(slug) {
  const { actions, announcer } = useApp();
  const [room, setRoom] = useState(null);
  const [saved, setSaved] = useState("");
  useEffect(() => {
    let here = true;
    actions.roomFacts(slug).then((found) => here && setRoom(found));
    return () => (here = false);
  }, [slug]);
  const change = async (wanted) => {
    const name = Object.keys(wanted)[0];
    if (room[name] === wanted[name]) return;
    setSaved("");
    if (!(await actions.updateRoom(slug, wanted))) return setRoom({ ...room });
    setRoom({ ...room, ...wanted });
    setSaved(name);
    announcer.say(t("Saved"));
  };
  return { room, saved, change };
}

export const Saved = ({ when }) => when && html`<small class="saved">${t("Saved")}</small>`;
