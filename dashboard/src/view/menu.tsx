import { useRef, useState } from "preact/hooks";
import { route } from "../navigation/navigate.ts";
import { enter, VIEWS, type View } from "../navigation/route.ts";
import { AlertBadge } from "./badge.tsx";
import { Link } from "./link.tsx";

/** The views in groups; every group's views stand together in `VIEWS`. */
const GROUPS = ["Now", "Layers over time", "Look inside", "Runs"] as const;
type Group = (typeof GROUPS)[number];

const ENTRIES: { [view in View]: { name: string; group: Group } } = {
  overview: { name: "Overview", group: "Now" },
  alerts: { name: "Alerts", group: "Now" },
  training: { name: "Training", group: "Now" },
  evolution: { name: "Evolution", group: "Layers over time" },
  settling: { name: "Settling", group: "Layers over time" },
  filters: { name: "Filters", group: "Layers over time" },
  health: { name: "Health", group: "Layers over time" },
  activations: { name: "Activations", group: "Look inside" },
  units: { name: "Units", group: "Look inside" },
  directions: { name: "Directions", group: "Look inside" },
  embedding: { name: "Embedding", group: "Look inside" },
  occlusion: { name: "Occlusion", group: "Look inside" },
  compare: { name: "Compare", group: "Runs" },
};

/** All views, in groups. Where there is little room they open from a button that names the one that is shown. */
export function Menu() {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const { view } = route.value;
  return (
    <nav
      class={`menu${open ? " open" : ""}`}
      aria-label="Views"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button ref={button} type="button" class="menu-button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span>
          <span class="unseen">View: </span>
          {ENTRIES[view].name}
        </span>
        <AlertBadge />
        <i aria-hidden="true">▾</i>
      </button>
      <div class="menu-groups" onClick={(event) => (event.target as Element).closest("a") && setOpen(false)}>
        {GROUPS.map((group) => (
          <div key={group} class="menu-group" role="group" aria-label={group}>
            <h2>{group}</h2>
            <div class="views">
              {VIEWS.filter((each) => ENTRIES[each].group === group).map((each) => (
                <Link key={each} to={enter(each)} current={view === each}>
                  <span>
                    {ENTRIES[each].name}
                    {each === "alerts" && <AlertBadge />}
                  </span>
                </Link>
              ))}
            </div>
          </div>
        ))}
      </div>
    </nav>
  );
}
