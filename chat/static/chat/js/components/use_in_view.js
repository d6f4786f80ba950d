// Returns whether an element has been in view. In a background page, no element is in view.

import { useEffect, useRef, useState } from "preact/hooks";

// Counts as in view a little earlier, if the browser supports `scrollMargin`: late content then moves no visible text.
const AHEAD = "300px";

export function useInView() {
  const ref = useRef(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen) return;
    const look = (entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true);
    const observer = new IntersectionObserver(look, { scrollMargin: AHEAD });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [seen]);
  return [ref, seen];
}
