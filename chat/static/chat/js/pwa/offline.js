// The offline page: reloads itself as soon as the server responds.

const ASK_EVERY_MS = 5_000;

async function look() {
  try {
    if ((await fetch(`${document.body.dataset.base}manifest.webmanifest`, { cache: "no-store" })).ok) location.reload();
  } catch {
    // Not yet.
  }
}

addEventListener("online", look);
setInterval(look, ASK_EVERY_MS);
