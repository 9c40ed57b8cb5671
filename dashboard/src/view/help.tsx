import { useEffect, useRef } from "preact/hooks";
import { helpOpen, KEYS } from "../navigation/keyboard.ts";

/** What a person must know who has read no paper. */
const WORDS: readonly (readonly [word: string, meaning: string])[] = [
  ["epoch", "One pass of the training through all its data. Epoch 0 is the network before it has learned anything."],
  ["layer", "A stage of the network. Each looks at what the one before it found: edges and colours first, shapes and objects later."],
  ["filter", "The weights of one detector of a layer: the pattern that it looks for."],
  ["feature map", "What a detector finds in an image: a small picture, bright where its pattern is. A unit is one position of it."],
  ["activation", "How strongly a unit answers. It has no unit of measure: it is the number that the layer passes on."],
  ["probe images", "The same few images that are shown to the network after every epoch, to see what has changed."],
  ["projection", "The answer of one unit taken backwards through the network, to see which pixels carried it there."],
  ["patch", "The piece of the image that a unit can see."],
  ["settled", "A layer that has hardly changed for three readings running. That it rests does not mean that it is good."],
  ["dead, constant", "A layer that is zero for all probe images, or the same for all without being zero. It is said only where enough different images can tell."],
  ["alert", "Raised when a number that tells healthy layers from sick ones stays bad. A silenced one is shown but not counted."],
  ["study", "An analysis too costly for every epoch: made on schedule, or when you ask for it. The training goes on meanwhile."],
];

/** The help sheet. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (!open) return dialog.current?.close();
    dialog.current?.showModal();
    // Not the link at the end, which is the first thing that can have the focus.
    title.current?.focus();
  }, [open]);
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={() => (helpOpen.value = false)}>
      <h2 id="help-title" ref={title} tabIndex={-1}>Keys</h2>
      <dl class="keys">
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <h2>Words</h2>
      <dl class="glossary">
        {WORDS.map(([word, meaning]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p>
        Point at any pixel of a picture to read its exact value; <kbd>z</kbd> or a double click enlarges it. While the training runs,
        you may ask for studies, silence alerts (Alerts) and stop the training (at the top); everything else only shows.
      </p>
      <p>
        The address of this page holds the view, the layer and the epoch: it can be bookmarked. Each view explains itself
        under <em>What am I looking at?</em>
      </p>
      <p>
        <Licences />
      </p>
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}

/** A report has the licences in its own file. */
function Licences() {
  const text = document.getElementById("spyhole-licenses")?.textContent;
  if (text == null) return <a href="./licenses.txt">Licences of the packages in this page</a>;
  return (
    <details>
      <summary>Licences of the packages in this page</summary>
      <pre class="licences" tabIndex={0}>
        {text}
      </pre>
    </details>
  );
}
