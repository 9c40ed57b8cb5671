import type { Layer, Subject } from "../../generated/protocol.ts";
import { useModel } from "../../state/store.ts";
import { list } from "../../state/value.ts";
import { StatisticFigure } from "./figure.tsx";
import { statisticsOf } from "./groups.ts";

const TITLE: { [subject in Exclude<Subject, "network">]: [title: string, words: string] } = {
  filters: ["Filters", "the weights"],
  maps: ["Maps", "the activations on the probe images"],
};

interface Props {
  layer: Layer;
  subject: Exclude<Subject, "network">;
  epoch: number;
  selected: string | undefined;
}

/** A small chart of each statistic of a layer. */
export function Multiples({ layer, subject, epoch, selected }: Props) {
  const model = useModel();
  const { shown, absent } = statisticsOf(model, layer.name, subject);
  if (shown.length + absent.length === 0) return null;
  const [title, words] = TITLE[subject];
  return (
    <section class="group" aria-label={title}>
      <h2>
        {title} <small>{words}</small>
      </h2>
      <div class="multiples">
        {shown.map((statistic) => (
          <StatisticFigure
            key={statistic.name}
           
            layer={layer.name}
            statistic={statistic}
            epoch={epoch}
            height={124}
            small
            selected={statistic.name === selected}
          />
        ))}
      </div>
      {absent.length > 0 && (
        <p class="empty">
          Not applicable here, or not known: {list(absent.map(({ label }) => label))}.
        </p>
      )}
    </section>
  );
}
