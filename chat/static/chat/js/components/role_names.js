import { t } from "../i18n/i18n.js";

export const ROLE_NAMES = { owner: t("Owner"), moderator: t("Moderator") };
