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
        ever has and by less than 0.01 an epoch, and when that can be measured: where its floor is above these limits, a change
        that is no larger than the floor is <b>not known</b>. Two larger changes running, and it has <b>moved again</b>. A layer that has not changed at all{" "}
        <b>has never moved</b>. “Like now since” looks back instead: from that epoch on the layer was already close to what
        it is today.
      </p>
      <p>
        Some layers cannot be judged, and that is no verdict on them: one that is <b>constant</b> computes the same for all
        probe images, one that is <b>dead</b> is zero for all, one that is <b>not finite</b> has become NaN or infinite. With
        fewer than 16 different probe images, or with images that are alike, nothing can be told of any layer.
      </p>
      <p>
        Settled does not mean good: a layer may rest because the learning rate has fallen, because no gradient reaches it,
        or because it is <b>frozen</b>, as in transfer learning. Nor must lower layers settle first. When a run is continued from an earlier epoch,
        the later ones are left: the page Training says which, and leads there.
      </p>
    </details>
  );
}
