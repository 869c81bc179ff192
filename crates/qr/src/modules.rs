//! The grid of dark and light modules, and what of it is drawn as what.

use fast_qr::{ECL, Module, ModuleType, QRBuilder};

use crate::{
    DotStyle, ErrorCorrection, LogoScale, QrError,
    corners::{Corners, EYE_MODULES},
};

/// The modules of one code.
#[derive(Debug)]
pub(crate) struct Modules {
    side: u16,
    grid: Vec<Module>,
    /// Modules along the square in the middle that is left free for a logo.
    hole: u16,
}

impl Modules {
    pub(crate) fn encode(
        text: &str,
        error_correction: ErrorCorrection,
        logo: Option<LogoScale>,
    ) -> Result<Self, QrError> {
        let built = QRBuilder::new(text).ecl(level(error_correction)).build();
        let built = built.map_err(|_| QrError::TextTooLong { given: text.len() })?;
        let side = u16::try_from(built.size).unwrap_or_default();
        let grid = built.data[..built.size * built.size].to_vec();
        Ok(Self { side, grid, hole: logo.map_or(0, |scale| scale.modules_of(side)) })
    }

    /// Modules along a side.
    pub(crate) fn side(&self) -> u16 {
        self.side
    }

    /// Modules along the place of the logo; 0 without.
    pub(crate) fn hole(&self) -> u16 {
        self.hole
    }

    /// First row and column of the place of the logo.
    pub(crate) fn hole_start(&self) -> u16 {
        (self.side - self.hole) / 2
    }

    /// Top left corners of the finder patterns as (column, row).
    pub(crate) fn eyes(&self) -> [(u16, u16); 3] {
        let far = self.side - EYE_MODULES;
        [(0, 0), (far, 0), (0, far)]
    }

    /// The shape of every dark module outside the finder patterns and the place of the logo, as (column, row, shape).
    pub(crate) fn dots(&self, style: DotStyle) -> impl Iterator<Item = (u16, u16, Corners)> {
        let places = (0..self.side).flat_map(move |row| (0..self.side).map(move |column| (column, row)));
        places.filter_map(move |(column, row)| {
            let module = self.at(i32::from(column), i32::from(row)).filter(|_| self.is_dot(column, row))?;
            Some((column, row, self.shape(style, module, (column, row))))
        })
    }

    /// Whether a place holds a dark module that is drawn as a dot.
    pub(crate) fn is_dot(&self, column: u16, row: u16) -> bool {
        self.is_dark(i32::from(column), i32::from(row))
            && !self.is_in_eye(column, row)
            && !self.is_in_hole(column, row)
    }

    fn shape(&self, style: DotStyle, module: Module, (column, row): (u16, u16)) -> Corners {
        match style {
            // Readers look for the alignment pattern as one piece.
            DotStyle::Dots if module.module_type() != ModuleType::Alignment => Corners::even(1.0, 0.5),
            DotStyle::Rounded => Corners { side: 1.0, radii: self.free_corners(column, row) },
            DotStyle::Square | DotStyle::Dots => Corners::even(1.0, 0.0),
        }
    }

    /// A corner is round if both neighbours it stands between are light.
    fn free_corners(&self, column: u16, row: u16) -> [f32; 4] {
        let (x, y) = (i32::from(column), i32::from(row));
        let [up, right, down, left] =
            [(x, y - 1), (x + 1, y), (x, y + 1), (x - 1, y)].map(|(x, y)| self.is_dark(x, y));
        [(up, left), (up, right), (down, right), (down, left)].map(|pair| match pair {
            (false, false) => 0.5,
            _ => 0.0,
        })
    }

    fn is_in_eye(&self, column: u16, row: u16) -> bool {
        let within = |place: u16, start: u16| (start..start + EYE_MODULES).contains(&place);
        self.eyes().iter().any(|&(x, y)| within(column, x) && within(row, y))
    }

    fn is_in_hole(&self, column: u16, row: u16) -> bool {
        let span = self.hole_start()..self.hole_start() + self.hole;
        span.contains(&column) && span.contains(&row)
    }

    fn is_dark(&self, x: i32, y: i32) -> bool {
        self.at(x, y).is_some_and(Module::value)
    }

    fn at(&self, x: i32, y: i32) -> Option<Module> {
        let (x, y) = (u16::try_from(x).ok()?, u16::try_from(y).ok()?);
        let is_inside = x < self.side && y < self.side;
        is_inside.then(|| self.grid.get(usize::from(y) * usize::from(self.side) + usize::from(x)).copied())?
    }
}

fn level(error_correction: ErrorCorrection) -> ECL {
    match error_correction {
        ErrorCorrection::L => ECL::L,
        ErrorCorrection::M => ECL::M,
        ErrorCorrection::Q => ECL::Q,
        ErrorCorrection::H => ECL::H,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eyes_and_the_place_of_the_logo_are_not_dots() {
        let scale = LogoScale::try_from(30).unwrap();
        let modules = Modules::encode("https://hop.example/abc", ErrorCorrection::H, Some(scale)).unwrap();
        let middle = modules.side() / 2;
        assert!(modules.hole() % 2 == 1 && modules.hole() > 1);
        assert!(
            !modules.is_dot(middle, middle)
                && !modules.is_dot(0, 0)
                && !modules.is_dot(modules.side() - 1, 6)
        );
        assert_eq!(modules.hole_start() * 2 + modules.hole(), modules.side());
        assert!(modules.dots(DotStyle::Square).all(|(column, row, _)| modules.is_dot(column, row)));
    }

    #[test]
    fn only_free_corners_are_round() {
        let modules = Modules::encode("https://hop.example/abc", ErrorCorrection::M, None).unwrap();
        let mut seen_round = false;
        for (column, row, shape) in modules.dots(DotStyle::Rounded) {
            let above = row > 0 && modules.is_dark(i32::from(column), i32::from(row) - 1);
            assert!(!above || (shape.radii[0] == 0.0 && shape.radii[1] == 0.0), "{column} {row}");
            seen_round |= shape.radii[0] > 0.0;
        }
        assert!(seen_round);
    }
}
