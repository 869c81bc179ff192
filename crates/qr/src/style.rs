//! What a code looks like.

use crate::{Color, Logo, Margin, Size};

/// A whole design; the default is black on white, 512 px, quiet zone 4, level M.
#[derive(Clone, Debug)]
pub struct Style {
    pub size: Size,
    pub margin: Margin,
    pub foreground: Color,
    pub background: Color,
    /// At least this; a logo raises it to [`ErrorCorrection::H`].
    pub error_correction: ErrorCorrection,
    pub dots: DotStyle,
    pub eyes: EyeStyle,
    pub logo: Option<Logo>,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            size: Size::default(),
            margin: Margin::default(),
            foreground: Color::BLACK,
            background: Color::WHITE,
            error_correction: ErrorCorrection::default(),
            dots: DotStyle::default(),
            eyes: EyeStyle::default(),
            logo: None,
        }
    }
}

impl Style {
    pub(crate) fn effective_error_correction(&self) -> ErrorCorrection {
        if self.logo.is_some() { ErrorCorrection::H } else { self.error_correction }
    }
}

/// How much of a damaged code can be restored: about 7, 15, 25, 30 % (ISO/IEC 18004 §6.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorCorrection {
    L,
    #[default]
    M,
    Q,
    H,
}

/// The shape of modules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DotStyle {
    #[default]
    Square,
    /// Neighbours flow together; free corners are round.
    Rounded,
    /// Each module is a disc.
    Dots,
}

/// The shape of the three finder patterns. Their outer corners are always sharp: readers find their way by them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EyeStyle {
    #[default]
    Square,
    /// Soft corners inside.
    Rounded,
    /// A round pupil in a round hole.
    Circle,
}
