//! The one shape everything is made of: a square with corners of their own roundness, as a predicate for pixels and
//! as a path for SVG.

use std::fmt::Write;

use crate::EyeStyle;

/// A square of a side with radii at top left, top right, bottom right, bottom left; all in modules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Corners {
    pub(crate) side: f32,
    pub(crate) radii: [f32; 4],
}

impl Corners {
    pub(crate) fn even(side: f32, radius: f32) -> Self {
        Self { side, radii: [radius; 4] }
    }

    /// Whether a point, measured from the top left corner, is inside.
    pub(crate) fn contains(&self, x: f32, y: f32) -> bool {
        let right = self.side - x;
        let bottom = self.side - y;
        let is_within = x.min(y).min(right).min(bottom) >= 0.0;
        let from_corners = [(x, y), (right, y), (right, bottom), (x, bottom)];
        is_within && from_corners.iter().zip(self.radii).all(|(&(dx, dy), radius)| clears(dx, dy, radius))
    }

    /// Adds this shape to the data of an SVG path, its top left corner at a point.
    pub(crate) fn write_path(&self, (x, y): (f32, f32), path: &mut String) {
        let [tl, tr, br, bl] = self.radii;
        let (right, bottom) = (x + self.side, y + self.side);
        // Writing to a String can't fail.
        let _ = write!(path, "M{} {y}H{}", x + tl, right - tr);
        arc(path, tr, (1.0, 1.0));
        let _ = write!(path, "V{}", bottom - br);
        arc(path, br, (-1.0, 1.0));
        let _ = write!(path, "H{}", x + bl);
        arc(path, bl, (-1.0, -1.0));
        let _ = write!(path, "V{}", y + tl);
        arc(path, tl, (1.0, -1.0));
        path.push('z');
    }
}

/// Whether a point at these distances from the two edges of a corner is not cut off by its roundness.
fn clears(dx: f32, dy: f32, radius: f32) -> bool {
    let (into_x, into_y) = (radius - dx, radius - dy);
    into_x <= 0.0 || into_y <= 0.0 || into_x.mul_add(into_x, into_y * into_y) <= radius * radius
}

fn arc(path: &mut String, radius: f32, (x, y): (f32, f32)) {
    if radius > 0.0 {
        let _ = write!(path, "a{radius} {radius} 0 0 1 {} {}", x * radius, y * radius);
    }
}

/// Modules along a finder pattern.
pub(crate) const EYE_MODULES: u16 = 7;

/// A finder pattern: frame, the hole in it, pupil, each with its distance from the pattern's edge in modules.
pub(crate) fn eye(style: EyeStyle) -> [(f32, Corners); 3] {
    // Some readers square the picture up by the frames' outer corners: these stay sharp.
    let [frame, hole, pupil] = match style {
        EyeStyle::Square => [0.0, 0.0, 0.0],
        EyeStyle::Rounded => [0.0, 1.0, 1.0],
        EyeStyle::Circle => [0.0, 2.5, 1.5],
    };
    [(0.0, Corners::even(7.0, frame)), (1.0, Corners::even(5.0, hole)), (2.0, Corners::even(3.0, pupil))]
}

/// Whether a point of a finder pattern is dark.
pub(crate) fn eye_contains(parts: &[(f32, Corners); 3], x: f32, y: f32) -> bool {
    let [frame, hole, pupil] = parts.map(|(inset, part)| part.contains(x - inset, y - inset));
    (frame && !hole) || pupil
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_cut_where_they_are_round() {
        let shape = Corners { side: 1.0, radii: [0.5, 0.0, 0.0, 0.0] };
        assert!(!shape.contains(0.05, 0.05));
        assert!(shape.contains(0.95, 0.05) && shape.contains(0.5, 0.5) && shape.contains(0.05, 0.95));
        assert!(!shape.contains(1.01, 0.5) && !shape.contains(0.5, -0.01));
    }

    #[test]
    fn paths_are_short() {
        let mut path = String::new();
        Corners { side: 1.0, radii: [0.5, 0.0, 0.0, 0.0] }.write_path((2.0, 3.0), &mut path);
        assert_eq!(path, "M2.5 3H3V4H2V3.5a0.5 0.5 0 0 1 0.5 -0.5z");
    }

    #[test]
    fn every_eye_keeps_the_finders_ratio() {
        for style in [EyeStyle::Square, EyeStyle::Rounded, EyeStyle::Circle] {
            let parts = eye(style);
            let row: Vec<bool> =
                (0..EYE_MODULES).map(|x| eye_contains(&parts, f32::from(x) + 0.5, 3.5)).collect();
            assert_eq!(row, [true, false, true, true, true, false, true], "{style:?}");
        }
    }
}
