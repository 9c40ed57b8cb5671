/// Steps per pixel and direction in which the covered share of a pixel is measured. More makes smoother
/// rims and slower drawing.
const STEPS: usize = 3;

/// What is drawn; its index in [`Figure::ALL`] is the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A full disc.
    Disc,
    /// A square.
    Square,
    /// A triangle with equal sides.
    Triangle,
    /// A disc with a hole.
    Ring,
    /// Two bars at right angles.
    Cross,
    /// A long rectangle.
    Bar,
    /// Half of a disc.
    HalfDisc,
    /// A disc of three stripes with gaps as wide.
    StripedDisc,
}

/// Where a figure lies.
pub(super) struct Pose {
    /// Row and column of the centre, in pixels; pixel (0, 0) has its centre there.
    pub(super) centre: [f32; 2],
    /// Radius of the circle about a figure, in pixels (the square's and the cross's corners pass it).
    pub(super) size: f32,
    /// Rotation, in radians.
    pub(super) angle: f32,
}

impl Figure {
    /// All figures in the order of their classes.
    pub const ALL: [Figure; 8] = [
        Figure::Disc,
        Figure::Square,
        Figure::Triangle,
        Figure::Ring,
        Figure::Cross,
        Figure::Bar,
        Figure::HalfDisc,
        Figure::StripedDisc,
    ];

    /// The class's name.
    pub const fn name(self) -> &'static str {
        match self {
            Figure::Disc => "disc",
            Figure::Square => "square",
            Figure::Triangle => "triangle",
            Figure::Ring => "ring",
            Figure::Cross => "cross",
            Figure::Bar => "bar",
            Figure::HalfDisc => "half-disc",
            Figure::StripedDisc => "striped disc",
        }
    }

    /// Whether the figure of size 1 about the origin, not rotated, covers the point.
    fn covers(self, u: f32, v: f32) -> bool {
        let radius = u.hypot(v);
        let (narrow, far) = (u.abs().min(v.abs()), u.abs().max(v.abs()));
        match self {
            Figure::Disc => radius < 1.0,
            Figure::Square => far < 0.8,
            Figure::Triangle => v > -0.5 && 3.0_f32.sqrt() * u.abs() + v < 1.0,
            Figure::Ring => radius < 1.0 && radius > 0.6,
            Figure::Cross => narrow < 0.25 && far < 1.0,
            Figure::Bar => u.abs() < 1.0 && v.abs() < 0.3,
            Figure::HalfDisc => radius < 1.0 && v > 0.0,
            Figure::StripedDisc => radius < 1.0 && (((u + 1.0) * 2.5) as u32).is_multiple_of(2),
        }
    }

    /// The covered share of every pixel, `[side, side]`, 0 to 1.
    pub(super) fn cover(self, pose: &Pose, side: usize) -> Vec<f32> {
        let (sin, cos) = pose.angle.sin_cos();
        let offset = |step: usize| (step as f32 + 0.5) / STEPS as f32 - 0.5;
        let hits = |row: f32, column: f32| {
            let inner = (0..STEPS * STEPS).filter(|step| {
                let y = (row + offset(step / STEPS) - pose.centre[0]) / pose.size;
                let x = (column + offset(step % STEPS) - pose.centre[1]) / pose.size;
                self.covers(cos * x + sin * y, cos * y - sin * x)
            });
            inner.count() as f32 / (STEPS * STEPS) as f32
        };
        (0..side * side).map(|i| hits((i / side) as f32, (i % side) as f32)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The covered area is the figure's, whatever the rotation.
    #[test]
    fn areas_are_those_of_geometry() {
        use std::f32::consts::PI;
        let root3 = 3.0_f32.sqrt();
        let areas = [
            (Figure::Disc, PI),
            (Figure::Square, 2.56),
            (Figure::Triangle, 0.75 * root3),
            (Figure::Ring, 0.64 * PI),
            (Figure::Cross, 1.75),
            (Figure::Bar, 1.2),
            (Figure::HalfDisc, 0.5 * PI),
        ];
        for (figure, area) in areas {
            for angle in [0.0, 0.3, 2.0] {
                let size = 9.0;
                let cover = figure.cover(&Pose { centre: [15.3, 16.1], size, angle }, 32);
                let drawn = cover.iter().sum::<f32>() / size.powi(2);
                assert!((drawn / area - 1.0).abs() < 0.05, "{figure:?} {angle}: {drawn} {area}");
            }
        }
    }
}
