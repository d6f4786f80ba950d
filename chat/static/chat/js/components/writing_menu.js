// On a phone the composer has room for one button: its menu holds the buttons shown under the composer elsewhere.

import { t } from "../i18n/i18n.js";
import { html } from "./html.js";
import { Menu } from "./menu.js";

// `mark(how)` changes the text with `text_formatting.js`; the other props are the composer's own.
export function WritingMenu({ empty, attach, mark, insertSign, pickEmoji, later }) {
  const wrap = (sign) => () => mark((marking, ...selected) => marking.wrapped(sign, ...selected));
  const items = [
    attach && { icon: "clip", label: t("Attach files"), run: attach },
    { icon: "smile", label: t("Insert emoji"), run: pickEmoji },
    { icon: "at", label: t("Mention someone"), run: () => insertSign("@") },
    empty && { icon: "slash", label: t("Slash command"), run: () => insertSign("/") },
    { icon: "clock", label: t("Send later"), run: later },
    "rule",
    { icon: "edit", label: t("Bold"), sub: "**", run: wrap("**") },
    { icon: "edit", label: t("Italic"), sub: "*", run: wrap("*") },
    { icon: "edit", label: t("Struck"), sub: "~~", run: wrap("~~") },
    { icon: "code", label: t("Code"), sub: "`", run: wrap("`") },
    {
      icon: "code",
      label: t("Code block"),
      sub: "```",
      run: () => mark((marking, ...selected) => marking.fenced(...selected)),
    },
  ];
  return html`<${Menu} label=${t("Add to the message")} items=${items.filter(Boolean)} />`;
}
