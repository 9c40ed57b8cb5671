/** How a class is marked: by shape as well as by colour, because not everybody tells all colours apart. */
export interface ClassLook {
  /** Colour variable of the style sheet. */
  colour: string;
  shape: Shape;
  hollow: boolean;
}

export type Shape = "disc" | "square" | "triangle" | "diamond" | "plus" | "wedge" | "cross" | "star";

const SHAPES: readonly Shape[] = ["disc", "square", "triangle", "diamond", "plus", "wedge", "cross", "star"];
const COLOURS = 8;

/** The look of a class. The first 8 differ in colour and in shape, 128 in one of them or in being hollow. */
export function classLook(label: number | undefined): ClassLook {
  if (label === undefined) return { colour: "ink-2", shape: "disc", hollow: false };
  const round = Math.floor(label / COLOURS);
  return {
    colour: `class-${label % COLOURS}`,
    shape: SHAPES[(label + round) % SHAPES.length]!,
    hollow: Math.floor(round / SHAPES.length) % 2 === 1,
  };
}

type Corner = readonly [x: number, y: number];

const around = (count: number, radius: (at: number) => number, turn = -Math.PI / 2): Corner[] =>
  Array.from({ length: count }, (_, at) => {
    const angle = turn + (2 * Math.PI * at) / count;
    return [radius(at) * Math.cos(angle), radius(at) * Math.sin(angle)];
  });

const [ARM, END] = [0.36, 1.08];
const PLUS: readonly Corner[] = [
  [-ARM, -END], [ARM, -END], [ARM, -ARM], [END, -ARM], [END, ARM], [ARM, ARM],
  [ARM, END], [-ARM, END], [-ARM, ARM], [-END, ARM], [-END, -ARM], [-ARM, -ARM],
];
const turned = (corners: readonly Corner[]): Corner[] => corners.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]);

const CORNERS: { [shape in Exclude<Shape, "disc">]: readonly Corner[] } = {
  square: around(4, () => 1.25, Math.PI / 4),
  triangle: around(3, () => 1.35),
  diamond: around(4, () => 1.3),
  plus: PLUS,
  wedge: around(3, () => 1.35, Math.PI / 2),
  cross: turned(PLUS),
  star: around(10, (at) => (at % 2 === 0 ? 1.4 : 0.6)),
};

/** The corners of a shape about as large as a disc of radius 1; none for the disc. */
export function corners(shape: Shape): readonly Corner[] {
  return shape === "disc" ? [] : CORNERS[shape];
}
