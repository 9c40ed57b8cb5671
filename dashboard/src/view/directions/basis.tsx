import { go, route } from "../../navigation/navigate.ts";
import { BASES } from "../../navigation/route.ts";
import { BASIS_WORDS } from "./words.ts";

/** In which space the directions are drawn. */
export function BasisToggle() {
  return (
    <div class="segments" role="group" aria-label="How the layer's answers are taken">
      {BASES.map((basis) => (
        <button
          key={basis}
          type="button"
          aria-pressed={route.value.basis === basis}
          title={`${BASIS_WORDS[basis].meaning} (s)`}
          onClick={() => go({ basis })}
        >
          {BASIS_WORDS[basis].name}
        </button>
      ))}
    </div>
  );
}

/** What the chosen one means, in a sentence. */
export function BasisMeaning() {
  const { name, meaning } = BASIS_WORDS[route.value.basis];
  return (
    <p>
      <b>{name}.</b> {meaning}
    </p>
  );
}
