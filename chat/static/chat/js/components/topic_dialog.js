import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

const TOPIC_MAX = 500;

export function TopicDialog({ slug, topic }) {
  const { actions, ui } = useApp();
  const [text, setText] = useState(topic ?? "");
  const save = async (event) => {
    event.preventDefault();
    if (await actions.setTopic(slug, text.trim())) ui.closeDialog();
  };
  return html`<${Dialog} title=${t("Set a topic")}>
    <form class="stack" onSubmit=${save}>
      <div class="field"><label for="topic">${t("Topic")}</label>
        <input class="input" id="topic" autofocus maxlength=${TOPIC_MAX} value=${text}
          onInput=${(event) => setText(event.currentTarget.value)} />
        <small>${t("Shown beside the room's name.")}</small></div>
      <div class="actions"><button type="button" class="button" onClick=${() => ui.closeDialog()}>${t("Cancel")}</button>
        <button class="button primary">${t("Set topic")}</button></div>
    </form>
  <//>`;
}
