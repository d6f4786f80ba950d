// The field for messages, with the message it replies to and the suggestions.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { ComposerModel } from "../state/composer_model.js";
import { placeOf } from "../state/threads.js";
import { TextField } from "../text/field_text.js";
import { ComposerBar } from "./composer_bar.js";
import { pageOf } from "./composer_page.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { ReplyBar } from "./reply_bar.js";

// `thread`: messages reply in this thread of the room. `inRoom()`: whether the room shows them, too.
export function ComposerBox({ slug, thread = 0, inRoom = () => false }) {
  const app = useApp();
  const field = useRef(null);
  const place = thread ? placeOf(slug, thread) : slug;
  const target = () => ({ room: slug, ...(thread && { thread, in_room: inRoom() }) });
  const model = useComposer({ slug, thread, place, inRoom, target }, field);
  const { text, reply_to } = model.draft.value;
  const offer = model.offer.value;
  const chosen = model.chosen.value;
  const problem = model.problem.value;
  const name = thread ? t("Reply in thread") : t("Message {name}", { name: app.titleOf(slug) });
  const send = (event) => {
    event.preventDefault();
    model.send();
  };
  const onKeyDown = (event) => model.key(event) && event.preventDefault();
  const onPaste = (event) => {
    const pasted = [...event.clipboardData.files];
    const text = event.clipboardData.getData("text/plain");
    // Spreadsheets and word processors put a picture of the text on the clipboard, too: paste the text.
    if (pasted.length && !text && app.attachments.may(place)) {
      event.preventDefault();
      app.attachments.add(place, pasted);
    } else if (model.paste(text)) event.preventDefault();
  };
  const [recording, setRecording] = useState(false);
  const attaching = recording || app.attachments.shows(place) ? app.lazy.attachments.value : null;
  return html`<${OfferLayer} offer=${offer} chosen=${chosen} onTake=${(option) => model.take(option)}
      onPoint=${(index) => (model.chosen.value = index)} />
    <form class="box one" onSubmit=${send}>
      ${reply_to != null && html`<${ReplyBar} slug=${slug} seq=${reply_to} onDrop=${() => model.dropReply()} />`}
      ${problem && html`<p class="aside" data-testid="composer-problem">${problem}</p>`}
      ${recording && attaching && html`<${attaching.VoiceRecorder} slug=${place} onEnd=${() => setRecording(false)} />`}
      <textarea ref=${field} hidden=${recording && Boolean(attaching)} rows="1" dir="auto"
        autofocus=${Boolean(thread)} aria-label=${name} placeholder=${name} value=${text}
        aria-autocomplete="list" aria-haspopup="listbox" aria-controls=${offer ? "suggestions" : undefined}
        aria-activedescendant=${offer ? `suggestion-${chosen}` : undefined}
        onInput=${(event) => model.typed(event.currentTarget.value)} onKeyDown=${onKeyDown} onPaste=${onPaste}
        onBlur=${() => model.dropOffer()} onClick=${() => offer && model.suggest()}></textarea>
      ${attaching && html`<${attaching.Tray} slug=${place} />`}
      <${ComposerBar} place=${place} target=${target} model=${model} onRecord=${() => setRecording(true)} />
    </form>`;
}

function OfferLayer(props) {
  const parts = useApp().lazy.suggestions.here;
  return parts && props.offer && html`<${parts.Suggestions} ...${props} />`;
}

// The model for one visit to a room or thread, bound to its field.
function useComposer(where, ref) {
  const app = useApp();
  const { drafts, typing, outbox, ui } = app;
  const { slug, thread, place, target } = where;
  const [model] = useState(() => {
    const add = (entry) => outbox.add({ ...entry, ...target() });
    return new ComposerModel({ slug: place, drafts, typing, outbox: { add }, page: pageOf(app, where) });
  });
  const joined = drafts.joined.value;
  const { text } = model.draft.value;
  useLayoutEffect(() => model.attach(new TextField(ref.current)), []);
  useEffect(() => {
    if (thread) return undefined;
    const stopReply = app.onReply(slug, (message) => {
      if (app.store.room(slug)?.replies !== "thread") model.replyTo(message.seq);
      else app.pane.open("thread", String(message.thread ?? message.seq));
    });
    const stopFocus = app.onFocusComposer(() => ref.current.focus());
    if (!app.touch && !ui.dialog.value) ref.current.focus({ preventScroll: true });
    return () => {
      stopReply();
      stopFocus();
    };
  }, []);
  useEffect(() => joined && model.restored(), [joined]);
  useEffect(() => grow(ref.current), [text]);
  return model;
}

// A fallback for browsers that cannot size a field by its content.
function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
