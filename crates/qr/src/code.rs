//! A text and a style that fit together: the checked input of every drawing.

use crate::{QrError, Style, color::check_contrast, measures::MODULE_MIN_PX, modules::Modules, raster, svg};

/// Fits a code of every level.
pub const TEXT_BYTES_MAX: usize = 1024;

/// A code ready to be drawn.
#[derive(Debug)]
pub struct Code {
    pub(crate) modules: Modules,
    pub(crate) style: Style,
}

impl Code {
    /// Encodes a text.
    ///
    /// # Errors
    ///
    /// When the text is empty or too long, the colours can't be told apart, or the size leaves less than
    /// [`MODULE_MIN_PX`] px for a module.
    pub fn new(text: &str, style: Style) -> Result<Self, QrError> {
        match text.len() {
            0 => return Err(QrError::TextEmpty),
            given if given > TEXT_BYTES_MAX => return Err(QrError::TextTooLong { given }),
            _ => check_contrast(style.foreground, style.background)?,
        }
        let scale = style.logo.as_ref().map(|logo| logo.scale);
        let modules = Modules::encode(text, style.effective_error_correction(), scale)?;
        let code = Self { modules, style };
        let (given, least) = (code.style.size.px(), code.span() * MODULE_MIN_PX);
        if given < least { Err(QrError::TooSmall { given, least }) } else { Ok(code) }
    }

    /// Modules along the image, quiet zones included.
    pub(crate) fn span(&self) -> u16 {
        self.modules.side() + 2 * self.style.margin.modules()
    }

    /// A document of its own: no script, no reference to anything outside.
    pub fn svg(&self) -> Result<String, QrError> {
        svg::draw(self)
    }

    pub fn png(&self) -> Result<Vec<u8>, QrError> {
        raster::png(self)
    }

    /// Lossless.
    pub fn webp(&self) -> Result<Vec<u8>, QrError> {
        raster::webp(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorCorrection, Size};

    #[test]
    fn texts_are_bounded() {
        assert!(matches!(Code::new("", Style::default()), Err(QrError::TextEmpty)));
        let style = || Style { error_correction: ErrorCorrection::H, ..Style::default() };
        assert!(Code::new(&"ü".repeat(TEXT_BYTES_MAX / 2), style()).is_ok());
        assert!(matches!(
            Code::new(&"x".repeat(TEXT_BYTES_MAX + 1), style()),
            Err(QrError::TextTooLong { given: 1025 })
        ));
    }

    #[test]
    fn modules_that_would_be_lost_are_refused() {
        let style = |px| Style { size: Size::try_from(px).unwrap(), ..Style::default() };
        let long = format!("https://hop.example/{}", "a".repeat(200));
        let Err(QrError::TooSmall { given: 64, least }) = Code::new(&long, style(64)) else {
            panic!("accepted")
        };
        assert!(Code::new(&long, style(u32::from(least))).is_ok());
    }
}
