// What there is to say of the connection, and when: a short loss is nobody's business.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";

const QUIET_MS = 2_000;
const RECONNECTED_SHOWN_MS = 3_000;
const UNDER_WAY = new Set(["waiting", "sending"]);

// `due`: a loss has lasted. `shown`: it was said, so its end is said, too. `states`: of the messages in the outbox.
// `going`: what had waited for the return is still on its way.
export function useConnection() {
  const { session, outbox, announcer } = useApp();
  const status = session.status.value;
  const reconnected = session.reconnected.value;
  const states = new Map(outbox.entries.value.map(({ client_id, state }) => [client_id, state]));
  const going = reconnected?.some((id) => UNDER_WAY.has(states.get(id)));
  const [due, setDue] = useState(false);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    setDue(false);
    if (status === "online") return undefined;
    const timer = setTimeout(() => {
      setDue(true);
      setShown(true);
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [status === "online"]);
  useEffect(() => {
    if (status === "signed_out") announcer.alert(t("Your session ended. Drafts are saved on this device."));
    else if (due && status === "offline") announcer.say(t("You are offline."));
  }, [status, due]);
  useEffect(() => {
    if (reconnected !== null && shown) announcer.say(t("Reconnected."));
  }, [reconnected]);
  // What it says is true: it counts when all that waited has gone.
  useEffect(() => {
    if (reconnected === null || going) return undefined;
    const timer = setTimeout(() => (session.reconnected.value = null), RECONNECTED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [reconnected, going]);
  useEffect(() => {
    if (status === "online" && reconnected === null) setShown(false);
  }, [status, reconnected]);
  return { due, shown, states, going };
}
