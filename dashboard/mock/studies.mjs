// Studies: made on schedule, and for those who ask.
import { activations } from "./activations.mjs";
import { directions } from "./directions.mjs";
import { embedding } from "./embedding.mjs";
import { occlusion } from "./occlusion.mjs";
import { synthesis } from "./synthesis.mjs";
import { units } from "./units.mjs";

const EVERY = 5;
const STEPS = 10;
const STEP_MS = 150;

/** What makes the document of a study: `(run, subject, epoch)`. */
const MAKERS = {
  activations,
  units,
  unit: units,
  synthesis,
  synthesis_of_map: synthesis,
  directions,
  embedding,
  occlusion,
  occlusion_of_map: occlusion,
};

/** What is studied of a layer on schedule. */
const SCHEDULED = (layer) => [
  { study: "activations", layer, image: 0 },
  { study: "activations", layer, image: 3 },
  { study: "units", layer },
  { study: "synthesis", layer },
  { study: "directions", layer },
  { study: "embedding", layer },
];

/** What is studied of the whole network on schedule. */
const SCHEDULED_OF_ALL = [0, 3].map((image) => ({ study: "occlusion", image, settings: { class: null, square: null, stride: null, fill: "grey" } }));

/** Takes questions, makes studies one after the other, and tells how far they are. */
export class Desk {
  constructor(timeline) {
    this.timeline = timeline;
    this.next = 1;
    this.waiting = [];
    this.working = false;
  }

  get mode() {
    return this.timeline.options.studies ?? "work";
  }

  record(subject, epoch, seconds, occasion) {
    const { run } = this.timeline;
    const document = run.document(JSON.stringify([subject, epoch]), () => MAKERS[subject.study](run, subject, epoch));
    this.timeline.record({ kind: "study", epoch, subject, document, seconds, occasion });
  }

  scheduled(epoch) {
    const { run, options, status } = this.timeline;
    if (this.mode === "none") return;
    const next = epoch - (epoch % EVERY) + EVERY;
    status.next_studies = next <= options.epochs ? next : null;
    if (epoch % EVERY !== 0) return;
    for (const { name } of run.layers) {
      for (const subject of SCHEDULED(name)) if (subject.study in MAKERS && !(options.few && subject.study === "embedding")) this.record(subject, epoch, 0.82, "scheduled");
    }
    for (const subject of SCHEDULED_OF_ALL) this.record(subject, epoch, 1.4, "scheduled");
  }

  refusal() {
    return this.mode === "refuse" ? "Ten studies wait already; ask again when they are done." : null;
  }

  ask(subject) {
    const id = this.next++;
    this.waiting.push({ id, subject, occasion: "asked", epoch: null, done: 0, total: 0 });
    this.tell();
    void this.work();
    return id;
  }

  cancel(id) {
    this.waiting = this.waiting.filter((study) => study.id !== id);
    this.tell();
  }

  tell() {
    this.timeline.now({ studies: this.waiting.map((study) => ({ ...study })) });
  }

  async work() {
    if (this.working) return;
    this.working = true;
    while (this.waiting.length > 0) {
      const study = this.waiting[0];
      study.epoch = this.timeline.records.findLast(({ event }) => event.kind === "epoch_analysed").event.epoch;
      study.total = STEPS;
      while (study.done < STEPS && this.waiting[0] === study) {
        this.tell();
        await new Promise((resolve) => setTimeout(resolve, STEP_MS));
        study.done += 1;
      }
      if (this.waiting[0] !== study) continue;
      this.waiting.shift();
      const { subject, epoch } = study;
      if (this.mode === "fail") this.timeline.record({ kind: "fault", part: `${subject.study} of ${subject.layer ?? `image ${subject.image}`}`, message: "an activation is not finite", epoch });
      else this.record(subject, epoch, (STEPS * STEP_MS) / 1000, "asked");
      this.tell();
    }
    this.working = false;
  }
}
