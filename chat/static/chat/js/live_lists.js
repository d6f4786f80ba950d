// A list that changes while something is being prepared: [data-live] is fetched again while it contains [data-refresh].
// For screen readers, each quarter and the end are announced in the [data-live-said] behind it.

const REFRESH_MS = 3_000;

async function refresh(list) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(list.id);
  // Not while a person types into it, for example a password.
  if (!fresh || list.contains(document.activeElement)) return;
  const said = news(list, fresh);
  list.replaceChildren(...fresh.childNodes);
  const region = list.parentElement.querySelector("[data-live-said]");
  if (region && said) region.textContent = said;
}

function news(before, after) {
  const known = new Map([...before.querySelectorAll("[data-row]")].map((row) => [row.dataset.row, row]));
  for (const row of after.querySelectorAll("[data-row]")) {
    const old = known.get(row.dataset.row);
    if (!old?.matches("[data-refresh]")) continue;
    const name = row.querySelector("b").textContent;
    if (!row.matches("[data-refresh]")) return `${name}: ${row.querySelector("[role=status]").textContent}`;
    if (quarter(row) > quarter(old)) return `${name}: ${quarter(row) * 25} %`;
  }
  return "";
}

function quarter(row) {
  const bar = row.querySelector("progress[max]");
  return bar ? Math.floor((4 * bar.value) / bar.max) : 0;
}

for (const list of document.querySelectorAll("[data-live]")) {
  const timer = setInterval(() => {
    if (!list.querySelector("[data-refresh]")) clearInterval(timer);
    // If the server is away, the next interval tries again.
    else if (!document.hidden) refresh(list).catch(() => {});
  }, REFRESH_MS);
}
