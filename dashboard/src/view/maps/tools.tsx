import { go } from "../../navigation/navigate.ts";
import type { Order } from "./order.ts";

interface Kind {
  id: string | undefined;
  label: string;
  amount: number;
  title?: string;
}

interface Props {
  kinds: readonly Kind[];
  only: string | undefined;
  orders: readonly Pick<Order<never>, "id" | "label">[];
  sort: string | undefined;
  /** Number of maps. */
  maps: number;
  /** What is done with a number that was typed in. */
  onSearch: (map: number) => void;
}

/** Which maps are shown, and in which order. */
export function MapTools({ kinds, only, orders, sort, maps, onSearch }: Props) {
  return (
    <div class="map-tools">
      <div class="chips" role="group" aria-label="Which maps are shown">
        {kinds.map(({ id, label, amount, title }) => (
          <button key={label} type="button" title={title} aria-pressed={only === id} onClick={() => go({ only: id })}>
            {label} <span class="number">{amount}</span>
          </button>
        ))}
      </div>
      <label class="map-sort">
        <span>Order</span>
        <select value={sort ?? orders[0]!.id} onChange={({ currentTarget }) => go({ sort: currentTarget.value === orders[0]!.id ? undefined : currentTarget.value })}>
          {orders.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label class="map-search">
        <span>Map</span>
        <input
          type="number"
          min={0}
          max={maps - 1}
          placeholder={`0 … ${maps - 1}`}
          onChange={({ currentTarget }) => {
            const map = currentTarget.valueAsNumber;
            if (Number.isInteger(map) && map >= 0 && map < maps) onSearch(map);
          }}
        />
      </label>
    </div>
  );
}
