import type { OcclusionAgreement } from "../../generated/protocol.ts";
import { two } from "./words.ts";

/** How far occlusion and projection agree, beside what projections of other images reach. */
export function Agreement({ agreement }: { agreement: OcclusionAgreement }) {
  const { correlation, correlation_of_others, overlap, overlap_of_others } = agreement;
  return (
    <div class="two-pictures">
      <h3>Do the map's two pictures agree?</h3>
      <p>
        Occlusion finds where the map looks by taking pixels away; the projection claims to show the same by running the
        network backwards. If both are right, their strongest places coincide.
      </p>
      <Line
        name="Order of the places"
        meaning="rank correlation: 1 the same order, 0 unrelated, −1 reversed"
        least={-1}
        value={correlation}
        others={correlation_of_others}
        said={(value, others) => `Ranks agree ${value}; projections of other images reach ${others}.`}
      />
      <Line
        name="The strongest 20 %"
        meaning="places in both over places in either: 1 the same places, 0 none in common, 0.11 by chance"
        least={0}
        value={overlap}
        others={overlap_of_others}
        said={(value, others) => `The top 20 % overlap by ${value}; projections of other images reach ${others}.`}
      />
      <p class="verdict">{verdict(agreement)}</p>
    </div>
  );
}

interface LineProps {
  name: string;
  meaning: string;
  least: number;
  value: number | null;
  others: number | null;
  said: (value: string, others: string) => string;
}

function Line({ name, meaning, least, value, others, said }: LineProps) {
  const left = (at: number): string => `${(100 * (Math.min(1, Math.max(least, at)) - least)) / (1 - least)}%`;
  return (
    <div class="agreement-line">
      <b>{name}</b>
      <small>{meaning}</small>
      {value === null ? (
        <p>Cannot be told: one of the two pictures is the same everywhere.</p>
      ) : (
        <>
          <div class="number-line" aria-hidden="true">
            <span>{two(least)}</span>
            <div>
              {least < 0 && <i class="zero" style={{ left: left(0) }} />}
              {others !== null && <i class="of-others" style={{ left: left(others) }} />}
              <i class="of-this" style={{ left: left(value) }} />
            </div>
            <span>{two(1)}</span>
          </div>
          <p>{others === null ? `${two(value)}; there are no other images to compare with.` : said(two(value), two(others))}</p>
        </>
      )}
    </div>
  );
}

function verdict({ correlation, correlation_of_others, overlap, overlap_of_others }: OcclusionAgreement): string {
  if (correlation === null || correlation_of_others === null || overlap === null || overlap_of_others === null) return "";
  const more = [correlation > correlation_of_others, overlap > overlap_of_others].filter(Boolean).length;
  return more === 2
    ? "On both lines the two pictures agree more than pictures of different images do: that much the projection says about this image, and not only about the map or about what all images have in common."
    : more === 0
      ? "On both lines the two pictures agree no more than pictures of different images do: what the projection shows here may come from the map alone, or from images being alike."
      : "The two lines say different things: whether the projection says something about this image is open.";
}
