import { go } from "../../navigation/navigate.ts";

interface Props {
  /** How many there are. */
  maps: number;
  shown: number | undefined;
  strongest: number | undefined;
}

/** Chooses the feature map. */
export function MapChooser({ maps, shown, strongest }: Props) {
  return (
    <div class="map-chooser">
      <label>
        Map{" "}
        <input
          type="number"
          min={0}
          max={maps - 1}
          value={shown ?? ""}
          onChange={({ currentTarget: { value } }) => {
            const map = Math.round(Number(value));
            if (value !== "" && map >= 0 && map < maps) go({ map });
          }}
        />
      </label>
      <button type="button" class="plain" disabled={shown === strongest} onClick={() => go({ map: undefined })}>
        strongest
      </button>
    </div>
  );
}
