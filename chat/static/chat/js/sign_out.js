// Signs out from the chat page and deletes the person's data from the device.

import { Confirm } from "./components/dialog.js";
import { html } from "./components/html.js";
import { t, tn } from "./i18n/i18n.js";
import { csrfToken } from "./net/api.js";
import { closeShown } from "./pwa/shown.js";
import { forgotten } from "./state/forgotten.js";

// A database that this page holds open is emptied first, and deleted when the page closes.
const FORGET_WITHIN_MS = 500;

// Asks for confirmation if unsent messages would be lost.
export function signOut(app) {
  const run = async () => {
    const rest = Promise.all([forgotten(app.attachments.database), closeShown()]);
    const late = new Promise((resolve) => setTimeout(resolve, FORGET_WITHIN_MS));
    await Promise.all([app.forgetDevice(), Promise.race([rest, late])]);
    submit(app.links.sign_out);
  };
  const { unsent } = app.outbox;
  if (!unsent) return run();
  const text = tn(
    "{n} message has not been sent and will be deleted from this device.",
    "{n} messages have not been sent and will be deleted from this device.",
    unsent,
  );
  return app.ui.openDialog(
    () => html`<${Confirm} title=${t("Sign out now?")} text=${text} verb=${t("Sign out")} run=${run} />`,
  );
}

function submit(action) {
  const form = document.createElement("form");
  const token = document.createElement("input");
  Object.assign(form, { method: "post", action, hidden: true });
  Object.assign(token, { name: "csrfmiddlewaretoken", value: csrfToken() });
  form.append(token);
  document.body.append(form);
  form.submit();
}
