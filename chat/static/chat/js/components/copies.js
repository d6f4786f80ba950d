import { t } from "../i18n/i18n.js";
import { copyText } from "../text/clipboard.js";

// A handler that copies `text`, then calls `done`.
export const copies = (ui, text, done) => () =>
  copyText(text).then(done, () => ui.toast(t("This browser does not allow copying.")));
