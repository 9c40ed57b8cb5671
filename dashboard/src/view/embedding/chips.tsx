import { go, route } from "../../navigation/navigate.ts";
import { useModel } from "../../state/store.ts";
import { classesOf } from "../classes/classes.ts";
import { ClassMark } from "../classes/mark.tsx";
import { Name } from "../name.tsx";
import { onlyClass } from "./pointed.ts";

/** Which mark stands for which class; a chosen class is the only one that stands out. */
export function ClassChips() {
  const { run } = useModel();
  const classes = run === undefined ? [] : classesOf(run.probe);
  const only = onlyClass(route.value);
  if (classes.length === 0) {
    return <p class="note">The probe images have no labels: all have the same mark.</p>;
  }
  return (
    <div class="chips class-chips" role="group" aria-label="Classes: which one stands out">
      <button type="button" aria-pressed={only === undefined} onClick={() => go({ only: undefined })}>
        all classes
      </button>
      {classes.map(({ label, name, count }) => (
        <button
          key={label}
          type="button"
          aria-pressed={only === label}
          title={`${name}: ${count} of the probe images. Click to see only these`}
          onClick={() => go({ only: only === label ? undefined : String(label) })}
        >
          <ClassMark label={label} /> <Name of={name} />
        </button>
      ))}
    </div>
  );
}
