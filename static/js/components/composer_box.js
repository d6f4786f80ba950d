// The field in which messages are written, with what it replies to and what is offered.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { ComposerModel } from "../state/composer_model.js";
import { enterIsKey } from "../state/last_input.js";
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
  const onPaste = (event) => model.paste(event.clipboardData.getData("text/plain")) && event.preventDefault();
  return html`<${OfferLayer} offer=${offer} chosen=${chosen} onTake=${(option) => model.take(option)}
      onPoint=${(index) => (model.chosen.value = index)} />
    <form class="box one" onSubmit=${send}>
      ${reply_to != null && html`<${ReplyBar} slug=${slug} seq=${reply_to} onDrop=${() => model.dropReply()} />`}
      ${problem && html`<p class="aside" data-testid="composer-problem">${problem}</p>`}
      <textarea ref=${field} rows="1" dir="auto" aria-label=${name} placeholder=${name} value=${text}
        aria-autocomplete="list" aria-haspopup="listbox" aria-controls=${offer ? "suggestions" : undefined}
        aria-activedescendant=${offer ? `suggestion-${chosen}` : undefined}
        onInput=${(event) => model.typed(event.currentTarget.value)} onKeyDown=${onKeyDown} onPaste=${onPaste}
        onBlur=${() => model.dropOffer()} onClick=${() => offer && model.suggest()}></textarea>
      <${ComposerBar} model=${model} />
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
  limit: () => app.store.limits.value.message_chars ?? Infinity,
  enterSends: () => app.preferences.enterSends,
  enterIsKey,
  suggestionsFor: (text, caret) => app.lazy.deferred.value?.suggestionsFor(text, caret, app.suggestionSources(slug)),
  formatting: () => app.lazy.deferred.value,
  bringEmoji: () => (app.lazy.emoji.here ? null : app.lazy.emoji.fetch()),
  command: (text, replyTo) => app.act((actions) => actions.command(slug, text, replyTo)),
  editLast: () => app.editLast(slug),
  markRead: () => app.markRoomRead(slug),
  sent: () => app.sent(slug),
  alert: (text) => app.announcer.alert(text),
});

// Where the browser does not size fields by their content.
function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
