import { go, route } from "../../navigation/navigate.ts";
import type { Route } from "../../navigation/route.ts";

const SHOWN: readonly { show: Route["show"]; name: string; title: string }[] = [
  { show: "grid", name: "All maps", title: "All followed maps, epoch by epoch" },
  { show: "film", name: "Film strip", title: "One map through the epochs, large (f)" },
  { show: "pair", name: "Side by side", title: "Two epochs next to each other (b)" },
];

/** What is done with the pictures. */
export function ShowToggle() {
  const { show, rows } = route.value;
  return (
    <div class="segments" role="group" aria-label="Show">
      {SHOWN.map((each) => (
        <button
          key={each.show}
          type="button"
          aria-pressed={show === each.show}
          title={each.title}
          onClick={() => go({ show: each.show, rows: each.show === "film" ? "followed" : rows })}
        >
          {each.name}
        </button>
      ))}
    </div>
  );
}

/** Which maps. */
export function RowsToggle() {
  const { rows } = route.value;
  return (
    <div class="segments" role="group" aria-label="Rows">
      <button
        type="button"
        aria-pressed={rows === "followed"}
        title="The same feature maps in every epoch (r)"
        onClick={() => go({ rows: "followed" })}
      >
        Followed
      </button>
      <button
        type="button"
        aria-pressed={rows === "strongest"}
        title="The strongest feature maps of the selected epoch (r)"
        onClick={() => go({ rows: "strongest" })}
      >
        Strongest
      </button>
    </div>
  );
}
