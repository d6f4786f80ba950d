// The field in which messages are written, with what it replies to and what is offered.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { ComposerModel } from "../state/composer_model.js";
import { enterIsKey } from "../state/last_input.js";
import { suggestionSources } from "../state/suggestion_sources.js";
import { TextField } from "../text/field_text.js";
import { ComposerBar } from "./composer_bar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { ReplyBar } from "./reply_bar.js";

export function ComposerBox({ slug }) {
  const app = useApp();
  const field = useRef(null);
  const model = useComposer(slug, field);
  const { text, reply_to } = model.draft.value;
  const offer = model.offer.value;
  const chosen = model.chosen.value;
  const problem = model.problem.value;
  const name = t("Message {name}", { name: app.titleOf(slug) });
  const send = (event) => {
    event.preventDefault();
    model.send();
  };
  const onKeyDown = (event) => model.key(event) && event.preventDefault();
  const onPaste = (event) => {
    const pasted = [...event.clipboardData.files];
    const text = event.clipboardData.getData("text/plain");
    // What comes from a table or a text processor is a picture, too.
    if (pasted.length && !text && app.attachments.may(slug)) {
      event.preventDefault();
      app.attachments.add(slug, pasted);
    } else if (model.paste(text)) event.preventDefault();
  };
  const [recording, setRecording] = useState(false);
  const attaching = recording || app.attachments.shows(slug) ? app.lazy.attachments.value : null;
  return html`<${OfferLayer} offer=${offer} chosen=${chosen} onTake=${(option) => model.take(option)}
      onPoint=${(index) => (model.chosen.value = index)} />
    <form class="box one" onSubmit=${send}>
      ${reply_to != null && html`<${ReplyBar} slug=${slug} seq=${reply_to} onDrop=${() => model.dropReply()} />`}
      ${problem && html`<p class="aside" data-testid="composer-problem">${problem}</p>`}
      ${recording && attaching && html`<${attaching.VoiceRecorder} slug=${slug} onEnd=${() => setRecording(false)} />`}
      <textarea ref=${field} hidden=${recording && Boolean(attaching)} rows="1" dir="auto"
        aria-label=${name} placeholder=${name} value=${text}
        aria-autocomplete="list" aria-haspopup="listbox" aria-controls=${offer ? "suggestions" : undefined}
        aria-activedescendant=${offer ? `suggestion-${chosen}` : undefined}
        onInput=${(event) => model.typed(event.currentTarget.value)} onKeyDown=${onKeyDown} onPaste=${onPaste}
        onBlur=${() => model.dropOffer()} onClick=${() => offer && model.suggest()}></textarea>
      ${attaching && html`<${attaching.Tray} slug=${slug} />`}
      <${ComposerBar} slug=${slug} model=${model} onRecord=${() => setRecording(true)} />
    </form>`;
}

function OfferLayer(props) {
  const deferred = useApp().lazy.deferred.value;
  return deferred && props.offer && html`<${deferred.Suggestions} ...${props} />`;
}

// The model of one visit of a room, bound to its field.
function useComposer(slug, ref) {
  const app = useApp();
  const { drafts, typing, outbox, ui } = app;
  const [model] = useState(() => new ComposerModel({ slug, drafts, typing, outbox, page: pageOf(app, slug) }));
  const joined = drafts.joined.value;
  const { text } = model.draft.value;
  useLayoutEffect(() => model.attach(new TextField(ref.current)), []);
  useEffect(() => {
    const stopReply = app.onReply(slug, (message) => model.replyTo(message.seq));
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

const pageOf = (app, slug) => ({
  files: () => app.attachments.trays.of(slug),
  takeFiles: () => app.attachments.trays.take(slug),
  limit: () => app.store.limits.value.message_chars ?? Infinity,
  enterSends: () => app.preferences.enterSends,
  enterIsKey,
  suggestionsFor: (text, caret) => app.lazy.deferred.value?.suggestionsFor(text, caret, suggestionSources(app, slug)),
  formatting: () => app.lazy.deferred.value,
  bringEmoji: () => (app.lazy.emoji.here ? null : app.lazy.emoji.fetch()),
  command: (text, replyTo) => app.act((actions) => actions.command(slug, text, replyTo)),
  editLast: () => editLast(app, slug),
  markRead: () => app.markRoomRead(slug),
  asksFirst: (text, send) => text.includes("@") && (app.lazy.deferred.here?.asksFirst(app, slug, text, send) ?? false),
  sent: () => app.sent(slug),
  alert: (text) => app.announcer.alert(text),
});

// This person's last message that is in view of the page; false when there is none.
function editLast({ edits, store }, slug) {
  const mine = (message) => message.username === store.me.value.username && !message.deleted && message.kind === "text";
  const last = store.log(slug).list().findLast(mine);
  if (last) edits.begin(last);
  return Boolean(last);
}

// Where the browser does not size fields by their content.
function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
