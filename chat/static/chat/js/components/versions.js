// The earlier texts of an edited message, with the changes from each to the next.

import { useEffect, useState } from "preact/hooks";
import { fullTime } from "../i18n/dates.js";
import { refusalText, t } from "../i18n/i18n.js";
import { may } from "../state/permissions.js";
import { wordDiff } from "../text/word_diff.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

// The author and moderators may; every member if the room allows it; no one if the room keeps no versions.
export function mayReadVersions(app, { room, username }) {
  const setting = app.store.room(room)?.edit_history;
  if (setting === "off") return false;
  const all = setting === "members" || username === app.store.me.value.username;
  return may(app, room, all ? "versions" : "versions_of_others");
}

export function Versions({ message: { room, seq, edited_at } }) {
  const { announcer, session } = useApp();
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    session.request({ type: "versions", room, seq }, { aside: true }).then(setFound, (refusal) => {
      setProblem(refusalText(refusal));
      announcer.say(refusalText(refusal));
    });
  }, []);
  const texts = found?.versions ?? [];
  return html`<${Dialog} title=${t("Earlier texts")} closable>
    <div class="stack" aria-busy=${!found && !problem}>
      ${problem && html`<p>${t("Edited {time}", { time: fullTime(new Date(edited_at)) })}</p><p>${problem}</p>`}
      ${texts
        .map(
          (one, nth) => html`<section key=${nth}>
          <p class="note">${nameOf(nth, texts.length)} · ${fullTime(new Date(one.timestamp))}</p>
          <p class="said" dir="auto">${nth ? changes(texts[nth - 1].message, one.message) : one.message}</p></section>`,
        )
        .reverse()}
      ${found?.more && html`<p>${t("Texts before these are not kept any more.")}</p>`}
    </div>
  <//>`;
}

const nameOf = (nth, all) => (nth === all - 1 ? t("Now") : t("Text {n} of {total}", { n: nth + 1, total: all }));

const changes = (before, after) =>
  wordDiff(before, after).map(({ kind, text }) =>
    kind === "same" ? text : kind === "gone" ? html`<del>${text}</del>` : html`<ins>${text}</ins>`,
  );
