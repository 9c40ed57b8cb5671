import { useEffect, useRef } from "preact/hooks";
import { helpOpen, KEYS } from "../navigation/keyboard.ts";

/** The help sheet. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={() => (helpOpen.value = false)}>
      <h2 id="help-title">Keys</h2>
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
