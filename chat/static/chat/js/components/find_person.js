// Searches the people of this server as the user types.

import { useEffect, useState } from "preact/hooks";
import { refusalText, t } from "../i18n/i18n.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { InviteOffer } from "./invite_offer.js";

const SEARCH_AFTER_MS = 200;

// `except`: usernames that cannot be chosen, besides the user's own.
export function FindPerson({ onChoose, except = [] }) {
  const { actions, store } = useApp();
  const me = store.me.value.username;
  const [query, setQuery] = useState("");
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  const people = found?.filter((person) => !except.includes(person.username));
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(
      () => {
        actions.people(query.trim()).then(
          (all) => {
            if (!wanted) return;
            store.learn(all);
            setProblem("");
            setFound(all.filter((person) => person.username !== me));
          },
          (refusal) => wanted && setProblem(refusalText(refusal)),
        );
      },
      found === null ? 0 : SEARCH_AFTER_MS,
    );
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [query]);
  const submit = (event) => {
    event.preventDefault();
    if (people?.length) onChoose(people[0]);
  };
  return html`<form onSubmit=${submit}>
      <input class="input" type="search" autofocus autocomplete="off" placeholder=${t("Name or username")}
        aria-label=${t("Find a person")} value=${query} onInput=${(event) => setQuery(event.currentTarget.value)} /></form>
    <div class="scrolls">
      ${problem && html`<p>${problem}</p>`}
      ${!people && !problem && html`<p>${t("Looking…")}</p>`}
      ${people?.length === 0 && html`<p>${noneText(query.trim(), found.length > 0)}</p><${InviteOffer} />`}
      ${(people ?? []).map(
        (person) => html`<button type="button" class="option" data-testid="person" key=${person.username}
          onClick=${() => onChoose(person)}>
          <${Avatar} username=${person.username} name=${person.display_name || person.username} size="x"
            online=${store.isOnline(person.username)} />
          <b><bdi>${person.display_name || person.username}</bdi></b><span class="sub">@${person.username}</span>
        </button>`,
      )}
    </div>`;
}

// `others`: the search found only people who cannot be chosen.
function noneText(name, others) {
  if (others) return t("Everyone found is in this room already.");
  return name ? t("Nobody here is called “{name}”.", { name }) : t("Nobody else is on this server yet.");
}
