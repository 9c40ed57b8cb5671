import type { ComponentChildren } from "preact";
import type { Original } from "../generated/protocol.ts";
import { planesOf } from "./layout.ts";

/** What lies on a picture, once for each of its planes. */
export function Planes({ layout, children }: { layout: Original; children: ComponentChildren }) {
  return (
    <>
      {planesOf(layout).map(({ top, left, height, width }, plane) => (
        <div key={plane} class="over-plane" style={{ top: `${top}%`, left: `${left}%`, height: `${height}%`, width: `${width}%` }}>
          {children}
        </div>
      ))}
    </>
  );
}
