// A room's settings in a form that saves each field when it changes.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

// Returns the room's settings, the last saved field, and a function that saves a change and announces it.
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
