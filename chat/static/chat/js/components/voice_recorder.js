// Replaces the text field while a voice note is recorded: the level, the length, and the buttons that end it.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { lengthText } from "../i18n/sizes.js";
import { LONGEST_SECONDS, Recording } from "../state/voice.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const LOOK_MS = 100;

export function VoiceRecorder({ slug, onEnd }) {
  const app = useApp();
  const recording = useRef(/** @type {?Recording} */ (null));
  const [shown, setShown] = useState({ seconds: 0, level: 0 });
  const end = () => {
    recording.current = null;
    onEnd();
    // After the text field is back.
    queueMicrotask(() => app.focusComposer());
  };
  const cancel = () => {
    recording.current?.cancel();
    end();
  };
  const done = async () => {
    const ended = recording.current;
    if (!ended) return;
    end();
    const file = await ended.stop(t("Voice note"));
    if (file) await app.attachments.add(slug, [file]);
  };
  useEffect(() => {
    let here = true;
    begin(app).then((begun) => {
      if (!begun) return onEnd();
      if (!here) return begun.cancel();
      recording.current = begun;
      app.announcer.say(t("Recording"));
    });
    const timer = setInterval(() => {
      const current = recording.current;
      if (!current) return;
      setShown({ seconds: current.seconds, level: current.level });
      if (current.seconds >= LONGEST_SECONDS) done();
    }, LOOK_MS);
    return () => {
      here = false;
      clearInterval(timer);
      recording.current?.cancel();
      recording.current = null;
    };
  }, []);
  const onKeyDown = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    cancel();
  };
  return html`<div class="voice" role="group" aria-label=${t("Voice note")} onKeyDown=${onKeyDown}>
    <meter min="0" max="1" value=${shown.level} aria-label=${t("Loudness")}></meter>
    <span class="voice__time">${lengthText(shown.seconds)}</span>
    <button type="button" class="button" onClick=${cancel}>${t("Cancel")}</button>
    <button type="button" class="button primary" ref=${focused} onClick=${done}>${t("Done")}</button>
  </div>`;
}

const focused = (button) => button?.focus();

async function begin({ announcer, ui }) {
  try {
    return await Recording.begin();
  } catch {
    const text = t("The microphone cannot be used. Allow it in the site settings, beside the address.");
    ui.toast(text);
    announcer.alert(text);
    return null;
  }
}
