// Exports a room for its owners: the server prepares the archive, whether or not this dialog stays open.

import { useEffect, useRef, useState } from "preact/hooks";
import { locale, refusalText, t, tn } from "../i18n/i18n.js";
import { sizeText } from "../i18n/sizes.js";
import { chatPath } from "../net/addresses.js";
import { getJson, postJson } from "../net/api.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

const LOOK_MS = 2_000;

export function ExportRoom({ slug, title }) {
  const { announcer, ui } = useApp();
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);

  const show = (one) => {
    setFound(one);
    if (one.state === "preparing") timer.current = setTimeout(() => look(one.id), LOOK_MS);
    else announcer.say(one.state === "ready" ? t("The export is ready.") : t("The export failed."));
  };
  const look = async (id) => {
    try {
      const { exports } = await getJson("exports");
      const one = exports.find((other) => other.id === id);
      if (one) show(one);
    } catch {
      timer.current = setTimeout(() => look(id), LOOK_MS);
    }
  };
  const start = async (event) => {
    event.preventDefault();
    const chosen = new FormData(event.currentTarget);
    setProblem("");
    const asked = { scope: "room", room: slug, format: chosen.get("format"), files: chosen.has("files") };
    await postJson("exports", asked).then(show, (refusal) => setProblem(refusalText(refusal)));
  };
  return html`<${Dialog} title=${t("Export {room}", { room: title })} closable>
    ${found ? html`<${State} one=${found} />` : html`<${Choices} start=${start} problem=${problem} close=${() => ui.closeDialog()} />`}
  <//>`;
}

function Choices({ start, problem, close }) {
  return html`<form class="stack" onSubmit=${start}>
    <p>${t("An archive of all messages that members can read. It is noted in the record of the administrators.")}</p>
    <fieldset class="levels"><legend>${t("Format")}</legend>
      <label><input type="radio" name="format" value="html" checked autofocus /> ${t("Pages to read")}</label>
      <label><input type="radio" name="format" value="archive" /> ${t("JSON lines, for programs")}</label></fieldset>
    <label><input type="checkbox" name="files" checked /> ${t("With files")}</label>
    ${problem && html`<p class="field-error" role="alert">${problem}</p>`}
    <div class="actions"><button type="button" class="button" onClick=${close}>${t("Cancel")}</button>
      <button class="button primary">${t("Prepare export")}</button></div>
  </form>`;
}

function State({ one }) {
  const left = one.left ? inWords(one.left) : "";
  if (one.state === "preparing")
    return html`<div class="stack"><p>${t("The export is being prepared. You can close this: it will be in your settings.")}</p>
      <progress aria-label=${t("Progress")} ...${one.total ? { max: one.total, value: one.done } : {}}></progress>
      <p class="note">${tn("{n} message", "{n} messages", one.done)}${left && `, ${t("{time} left", { time: left })}`}</p></div>`;
  if (one.state === "failed")
    return html`<p class="field-error">${refusalText({ message: one.problem, code: "" })}</p>`;
  return html`<${Download} one=${one} />`;
}

// A session sends the password again; the download address it gets in return is valid for a minute.
function Download({ one }) {
  const { store, ui } = useApp();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const download = async (event) => {
    event.preventDefault();
    const password = new FormData(event.currentTarget).get("password") ?? "";
    setBusy(true);
    setProblem("");
    try {
      const { proof } = await postJson(`exports/${one.id}/proof`, { password });
      const link = document.createElement("a");
      link.href = chatPath(`api/v1/exports/${one.id}/download?proof=${encodeURIComponent(proof)}`);
      link.download = "";
      link.click();
      ui.closeDialog();
    } catch (refusal) {
      setProblem(refusalText(refusal));
      setBusy(false);
    }
  };
  return html`<form class="stack" onSubmit=${download}>
    <p>${t("The export is ready: {size}. It is kept for 7 days.", { size: sizeText(one.size) })}</p>
    ${
      one.asks_password &&
      html`<input class="visually-hidden" tabindex="-1" aria-hidden="true" autocomplete="username"
        value=${store.me.value.username} readonly />
      <div class="field"><label for="export-password">${t("Your password")}</label>
        <input class="input" id="export-password" type="password" name="password" autocomplete="current-password" required
          autofocus aria-invalid=${problem ? "true" : undefined} /></div>`
    }
    ${problem && html`<p class="field-error" role="alert">${problem}</p>`}
    <div class="actions"><a class="button" href=${chatPath("settings/#data")}>${t("Your exports")}</a>
      <button class="button primary" disabled=${busy}>${t("Download")}</button></div>
  </form>`;
}

function inWords(seconds) {
  const [unit, n] = seconds < 60 ? ["second", seconds] : ["minute", Math.ceil(seconds / 60)];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(n);
}
