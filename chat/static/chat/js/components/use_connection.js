// What to say about the connection, and when: a loss of less than 2 seconds is not reported.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";

const QUIET_MS = 2_000;
const RECONNECTED_SHOWN_MS = 3_000;
const UNDER_WAY = new Set(["waiting", "sending"]);

// `due`: the loss has lasted 2 seconds. `shown`: it was reported, so the reconnection is reported, too. `states`: of
// the messages in the outbox. `going`: messages queued during the loss are still being sent.
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
  // The banner must be true: it gives the number of sent messages after all are sent, and its 3 seconds start then.
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
