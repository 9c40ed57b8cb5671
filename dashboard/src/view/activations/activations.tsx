export function Activations() {
  return null;
}
