import type { RankCorrelation } from "../../generated/protocol.ts";
import { useModel } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";

/** What the run says about its layers, and how sure that is. */
export function Statement() {
  const model = useModel();
  const { newest } = model.settlings;
  if (newest === undefined) {
    return (
      <div class="statement">
        <p class="said">{model.run?.inspection ? "Nothing can be said." : "Nothing can be said yet."}</p>
        <p>
          {model.single
            ? "A single model says nothing about change."
            : "Changes are measured from one analysed epoch to the next, and a layer settles with the third quiet reading."}
        </p>
      </div>
    );
  }
  return (
    <div class="statement">
      <p class="said">{newest.statement}</p>
      <p>
        Holds since {epochName(newest.epoch)}. {orderWords(newest.order)}
      </p>
    </div>
  );
}

function orderWords(order: RankCorrelation | null): string {
  if (order === null) return "No order of the layers can be given: that takes three layers with a verdict, not all of them level.";
  const two = (value: number): string => value.toFixed(2).replace("-", "−");
  const verdict =
    order.low > 0
      ? "All of the range is above 0: lower layers settled first, whichever maps are looked at."
      : order.high < 0
        ? "All of the range is below 0: upper layers settled first, whichever maps are looked at."
        : "The range includes 0: no order can be told.";
  return (
    `Order by depth (rank correlation): ${two(order.value)}; with other feature maps it might have been ${two(order.low)} to ` +
    `${two(order.high)} (95 % interval). 1: each layer settled after those below it; −1: before them; 0: depth says nothing. ${verdict}`
  );
}
