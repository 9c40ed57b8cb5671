export function SettlingExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        Each row is a layer, each column an epoch. The colour says how much the layer changed in that epoch:{" "}
        <b>bright is change, dark is rest</b>. To measure it, the same probe images go through the network every time, and
        what the layer says about them is compared with what it said before. The comparison (CKA) does not mind if maps
        trade places or all become stronger; it asks which images look alike to the layer.
      </p>
      <p>
        A layer is called <b>settled</b> when, three readings running, it changes by less than a tenth of the most that it
        ever has, or by no more than can be measured. Two larger changes running, and it has <b>moved again</b>. “Like now
        since” looks back instead: from that epoch on the layer was already close to what it is today.
      </p>
      <p>
        Settled does not mean good: a layer may rest because the learning rate has fallen, because no gradient reaches it,
        or because it is <b>frozen</b>, as in transfer learning. Nor must lower layers settle first. When a run is continued, the history goes on;
        epochs that are read again replace what was there.
      </p>
    </details>
  );
}
