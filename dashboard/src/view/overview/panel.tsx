import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Route } from "../../navigation/route.ts";
import { Link } from "../link.tsx";

interface Props {
  name: string;
  question: string;
  /** Where more can be seen. */
  more: Partial<Route>;
  moreWords: string;
  children: ComponentChildren;
}

/** One question with its answer. */
export function Panel({ name, question, more, moreWords, children }: Props) {
  const id = useId();
  return (
    <section class={`panel ${name}-panel`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{question}</h2>
        <Link to={more}>{moreWords}</Link>
      </header>
      {children}
    </section>
  );
}
