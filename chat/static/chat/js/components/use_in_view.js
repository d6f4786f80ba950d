// Whether an element has been in view. A page in the background shows nothing.

import { useEffect, useRef, useState } from "preact/hooks";

// Shortly before it is, where the browser knows `scrollMargin`: what is drawn late does not move what is read.
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
