// A list that changes while something is being prepared: [data-live] is fetched anew while it holds [data-refresh].

const REFRESH_MS = 3_000;

async function refresh(list) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(list.id);
  // Not under the hands of a person who types a password into it.
  if (fresh && !list.contains(document.activeElement)) list.replaceChildren(...fresh.childNodes);
}

for (const list of document.querySelectorAll("[data-live]")) {
  const timer = setInterval(() => {
    if (!list.querySelector("[data-refresh]")) clearInterval(timer);
    // A server that is away is asked again.
    else if (!document.hidden) refresh(list).catch(() => {});
  }, REFRESH_MS);
}
