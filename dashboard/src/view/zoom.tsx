import { LARGEST_ZOOM, SMALLEST_ZOOM, zoom } from "../navigation/preferences.ts";

/** How large the pictures of a view are. */
export function ZoomSlider() {
  return (
    <label class="size">
      <span>Size</span>
      <input
        type="range"
        min={SMALLEST_ZOOM}
        max={LARGEST_ZOOM}
        step={0.1}
        value={zoom.value}
        aria-valuetext={`${Math.round(100 * zoom.value)} %`}
        title={`Size of the pictures: ${Math.round(100 * zoom.value)} %`}
        onInput={({ currentTarget }) => (zoom.value = Number(currentTarget.value))}
      />
    </label>
  );
}
