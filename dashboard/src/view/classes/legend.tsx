import { useModel } from "../../state/store.ts";
import { Name } from "../name.tsx";
import { classesOf } from "./classes.ts";
import { ClassMark } from "./mark.tsx";

/** Which mark stands for which class. */
export function ClassLegend() {
  const { run } = useModel();
  const classes = run === undefined ? [] : classesOf(run.probe);
  if (classes.length === 0) return null;
  return (
    <section class="legend" aria-label="Legend">
      <h2>Classes</h2>
      <ul class="class-names">
        {classes.map(({ label, name }) => (
          <li key={label}>
            <ClassMark label={label} /> <Name of={name} />
          </li>
        ))}
      </ul>
    </section>
  );
}
