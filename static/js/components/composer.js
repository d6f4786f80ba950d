// Where messages are written: text, reply bar, suggestions, and a bar in its place for those who may not write.

import { useEffect, useRef, useState } from "preact/hooks";
import { t, tx } from "../i18n/i18n.js";
import { now, tick } from "../state/clock.js";
import { enterIsKey } from "../state/last_input.js";
import { excerpt } from "../text/excerpt.js";
import { become, inBrackets } from "../text/field_text.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

const COUNT_FROM = 0.8;
const EMOJI_NAME = /:[\p{L}\p{N}_+-]{2,}$/u;
// What a browser can count to.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function Composer({ slug, facts }) {
  const app = useApp();
  const { store } = app;
  const joined = store.room(slug);
  const muted = useMuted(joined);
  const deferred = app.lazy.deferred.here;
  const bar = deferred?.closedBar(app, slug, facts, muted);
  return html`<div class="dock" id="composer">
    ${deferred ? html`<${deferred.TypingLine} slug=${slug} />` : html`<div class="typing"></div>`}
    ${deferred && html`<${deferred.Outside} slug=${slug} />`}
    ${bar && (joined || store.roomsKnown.value) ? html`<div class="box bar-only">${bar}</div>` : html`<${Box} key=${slug} slug=${slug} />`}
  </div>`;
}

function Box({ slug }) {
  const app = useApp();
  const { store, drafts, typing, outbox, ui, preferences } = app;
  const field = useRef(null);
  const [draft, setDraft] = useState(() => drafts.get(slug));
  const [problem, setProblem] = useState("");
  const [offer, setOffer] = useState(null);
  const [chosen, setChosen] = useState(0);
  const limit = store.limits.value.message_chars ?? Infinity;
  const length = [...draft.text].length;
  const name = app.titleOf(slug);

  const change = (next) => {
    setDraft(next);
    drafts.set(slug, next);
  };
  useEffect(() => {
    const stopReply = app.onReply(slug, (message) => {
      setDraft((known) => {
        const next = { ...known, reply_to: message.seq };
        drafts.set(slug, next);
        return next;
      });
      field.current.focus();
    });
    const stopFocus = app.onFocusComposer(() => field.current.focus());
    if (!app.touch && !ui.dialog.value) field.current.focus({ preventScroll: true });
    return () => {
      stopReply();
      stopFocus();
      typing.stopped();
      drafts.saveAll();
    };
  }, []);
  // A device that answers late brings what it kept.
  const joined = drafts.joined.value;
  useEffect(() => joined && setDraft(drafts.get(slug)), [joined]);
  useEffect(() => grow(field.current), [draft.text]);

  const suggest = () => {
    const element = field.current;
    const caret = element.selectionStart;
    const found =
      caret === element.selectionEnd
        ? app.lazy.deferred.value?.suggestionsFor(element.value, caret, app.suggestionSources(slug))
        : null;
    setOffer(found);
    setChosen(0);
  };
  const input = (event) => {
    const text = event.currentTarget.value;
    setProblem("");
    change({ ...draft, text });
    suggest();
    if (text.trim() && !text.startsWith("/")) typing.typed(slug);
    else typing.stopped();
    if (EMOJI_NAME.test(text.slice(0, event.currentTarget.selectionStart)) && !app.lazy.emoji.here)
      app.lazy.emoji.fetch().then(() => field.current && suggest());
  };
  // Into the field at once: the next key may come before the next frame. Its `input` event does the rest.
  const write = (text, from, to = from) => {
    become(field.current, text, from, to);
  };
  const take = (option) => {
    const { value, selectionStart } = field.current;
    setOffer(null);
    write(value.slice(0, offer.from) + option.insert + value.slice(selectionStart), offer.from + option.insert.length);
  };
  const insert = (before, after = "") => {
    const { selectionStart: from, selectionEnd: to, value } = field.current;
    write(
      value.slice(0, from) + before + value.slice(from, to) + after + value.slice(to),
      from + before.length,
      to + before.length,
    );
  };
  // By `text_formatting.js`: what the text becomes, and what of it is selected then.
  const mark = (how) => {
    const marking = app.lazy.deferred.value;
    const { value, selectionStart, selectionEnd } = field.current;
    if (marking) write(...how(marking, value, selectionStart, selectionEnd));
  };
  const insertCode = () => mark((marking, ...selected) => marking.fenced(...selected));
  const insertSign = (sign) => {
    insert(/[^\s([{"'“„«「（]$/.test(field.current.value.slice(0, field.current.selectionStart)) ? ` ${sign}` : sign);
    suggest();
  };
  const send = async (event) => {
    event?.preventDefault();
    const { text } = draft;
    if (!text.trim() || length > limit) return;
    setOffer(null);
    typing.sent();
    const empty = { text: "", reply_to: null };
    setDraft(empty);
    // Words are on the screen at once; only a slash needs what may still be on its way.
    if (!text.startsWith("/")) outbox.add({ room: slug, message: text, reply_to: draft.reply_to });
    const wrong = text.startsWith("/") && (await app.act((actions) => actions.command(slug, text, draft.reply_to)));
    if (wrong) {
      // Nothing typed is lost: it comes back as it was, before what was typed since.
      const since = drafts.get(slug);
      const back = since.text === text || !since.text ? draft : { ...since, text: `${text}\n${since.text}` };
      setProblem(wrong);
      change(back);
      app.announcer.alert(wrong);
    } else {
      if (drafts.get(slug).text === text) drafts.clear(slug);
      app.sent(slug);
    }
  };
  const onKeyDown = (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (offer && offerKey(event, { offer, chosen, setChosen, setOffer, take })) return;
    const sign =
      (event.ctrlKey || event.metaKey) && !event.altKey && { b: "**", i: "*", e: "`" }[event.key.toLowerCase()];
    if (sign) {
      event.preventDefault();
      mark((marking, ...selected) => marking.wrapped(sign, ...selected));
    } else if (
      event.key === "Enter" &&
      !event.shiftKey &&
      !event.altKey &&
      (event.ctrlKey || event.metaKey || (enterIsKey(event) && preferences.enterSends))
    ) {
      send(event);
    } else if (event.key === "Escape") {
      if (draft.reply_to) change({ ...draft, reply_to: null });
      else app.markRoomRead(slug);
    } else if (event.key === "ArrowUp" && !draft.text) {
      if (app.editLast(slug)) event.preventDefault();
    }
  };
  const onPaste = (event) => {
    const pasted = event.clipboardData.getData("text/plain").trim();
    const { selectionStart: from, selectionEnd: to } = field.current;
    if (from === to || !/^https?:\/\/\S+$/.test(pasted)) return;
    event.preventDefault();
    insert("[", `](${inBrackets(pasted)})`);
  };
  const pickEmoji = (event) =>
    ui.openMenu(
      event?.currentTarget ?? null,
      ({ EmojiPicker }) => html`<${EmojiPicker} onPick=${(sign) => insert(sign)} />`,
    );
  const more = () =>
    ui.openMenu(
      null,
      ({ WritingMenu }) =>
        html`<${WritingMenu} empty=${!draft.text} mark=${mark} insertSign=${insertSign} pickEmoji=${pickEmoji} />`,
    );

  return html`<${OfferLayer} offer=${offer} chosen=${chosen} onTake=${take} onPoint=${setChosen} />
    <form class="box one" onSubmit=${send}>
      ${draft.reply_to != null && html`<${ReplyBar} slug=${slug} seq=${draft.reply_to} onDrop=${() => change({ ...draft, reply_to: null })} />`}
      ${problem && html`<p class="aside">${problem}</p>`}
      <textarea ref=${field} rows="1" dir="auto" aria-label=${t("Message {name}", { name })} placeholder=${t("Message {name}", { name })} value=${draft.text}
        aria-autocomplete="list" aria-haspopup="listbox" aria-controls=${offer ? "suggestions" : undefined}
        aria-activedescendant=${offer ? `suggestion-${chosen}` : undefined}
        onInput=${input} onKeyDown=${onKeyDown} onPaste=${onPaste} onBlur=${() => setOffer(null)} onClick=${() => offer && suggest()}></textarea>
      <div class="bar">
        <${IconButton} icon="plus" class="only-phone" label=${t("Add to the message")} aria-haspopup="menu" onClick=${more} />
        <${IconButton} icon="smile" class="only-wide" label=${t("Insert emoji")} aria-haspopup="dialog" onClick=${pickEmoji} />
        <${IconButton} icon="at" class="only-wide" label=${t("Mention someone")} onClick=${() => insertSign("@")} />
        <${IconButton} icon="slash" class="only-wide" label=${t("Slash command")} onClick=${() => !draft.text && insertSign("/")} />
        <${IconButton} icon="code" class="only-wide" label=${t("Code block")} onClick=${insertCode} />
        <span class="spacer only-wide"></span>
        ${
          length > limit * COUNT_FROM
            ? html`<span class=${length > limit ? "count-left excess" : "count-left"}>${length > limit ? t("{n} too long", { n: length - limit }) : t("{n} left", { n: limit - length })}</span>`
            : html`<span class="hint only-wide">${preferences.enterSends ? html`<kbd>${t("Shift")}</kbd> <kbd>Enter</kbd> ${t("new line")}` : html`<kbd>${app.modKey}</kbd> <kbd>Enter</kbd> ${t("send")}`}</span>`
        }
        <button class="go" aria-label=${t("Send message")} disabled=${!draft.text.trim() || length > limit}><${Icon} name="send" /></button>
      </div>
    </form>`;
}

function OfferLayer(props) {
  const deferred = useApp().lazy.deferred.value;
  return deferred && props.offer && html`<${deferred.Suggestions} ...${props} />`;
}

function ReplyBar({ slug, seq, onDrop }) {
  const { store, history } = useApp();
  const log = store.log(slug);
  log.version.value;
  const original = log.get(seq);
  useEffect(() => {
    if (!original && log.loaded) history.quote(slug, seq);
  }, [Boolean(original), log.loaded]);
  return html`<div class="composer-context"><${Icon} name="reply" small />
    <p>${tx("Replying to {name}", { name: html`<b><bdi>${original ? store.nameOf(original.username) : t("a message")}</bdi></b>` })}${original && !original.deleted ? html`: <span dir="auto">${excerpt(original.message)}</span>` : ""}</p>
    <${IconButton} icon="x" small label=${t("Cancel reply")} onClick=${onDrop} /></div>`;
}

// Until when this person may not speak in `room`, or null. What was muted opens by itself when the time is over.
function useMuted(room) {
  const [, wake] = useState(0);
  const until = room?.muted_until ? new Date(room.muted_until) : null;
  const left = until - now();
  // A timer stands still while the device sleeps.
  if (until) tick.value;
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => wake((count) => count + 1), Math.min(left, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  }, [room?.muted_until]);
  return left > 0 ? until : null;
}

function offerKey(event, { offer, chosen, setChosen, setOffer, take }) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) setChosen((chosen + step + offer.options.length) % offer.options.length);
  else if (event.key === "Escape") setOffer(null);
  // What stands there whole is meant.
  else if (event.key === "Enter" && offer.options[chosen].insert.trim() === event.currentTarget.value.trim())
    return false;
  else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) take(offer.options[chosen]);
  else return false;
  event.preventDefault();
  return true;
}

// Where the browser does not size fields by their content.
function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
