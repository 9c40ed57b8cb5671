/** The value of a colour variable of the style sheet, as canvases understand it. */
export function colour(name: string, alpha = 1): string {
  let probe = document.getElementById("colour-probe");
  if (probe === null) {
    probe = document.createElement("span");
    probe.id = "colour-probe";
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(--${name})`;
  const value = getComputedStyle(probe).color;
  const parts = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(value);
  return alpha < 1 && parts ? `rgba(${parts[1]}, ${parts[2]}, ${parts[3]}, ${alpha})` : value;
}
