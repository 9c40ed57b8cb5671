import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** The part of a scrolled element that is in view, in CSS pixels. */
export interface Viewport {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What of an element is in view, kept up to date. */
export function useViewport(box: RefObject<HTMLElement | null>, before: Pick<Viewport, "width" | "height">): Viewport {
  const [viewport, setViewport] = useState({ left: 0, top: 0, ...before });
  useLayoutEffect(() => {
    const element = box.current!;
    const read = (): void => {
      const { scrollLeft: left, scrollTop: top, clientWidth: width, clientHeight: height } = element;
      setViewport((old) => (old.left === left && old.top === top && old.width === width && old.height === height ? old : { left, top, width, height }));
    };
    read();
    element.addEventListener("scroll", read, { passive: true });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", read);
      observer.disconnect();
    };
  }, []);
  return viewport;
}
