//! How large a code is drawn, and the quiet zone around it.

use crate::QrError;

pub const SIZE_MIN_PX: u32 = 64;
pub const SIZE_MAX_PX: u32 = 2048;
/// The quiet zone of ISO/IEC 18004 is 4; less is for codes that stand on a light ground anyway.
pub const MARGIN_MAX_MODULES: u32 = 16;
/// A module smaller than this is lost to a screen's or a printer's grid.
pub const MODULE_MIN_PX: u16 = 2;

/// Width and height of the whole image in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(u16);

/// The quiet zone on each side in modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin(u16);

impl Size {
    pub(crate) fn px(self) -> u16 {
        self.0
    }
}

impl Margin {
    pub(crate) fn modules(self) -> u16 {
        self.0
    }
}

impl Default for Size {
    fn default() -> Self {
        Self(512)
    }
}

impl Default for Margin {
    fn default() -> Self {
        Self(4)
    }
}

impl TryFrom<u32> for Size {
    type Error = QrError;

    fn try_from(given: u32) -> Result<Self, QrError> {
        let px = u16::try_from(given).ok().filter(|_| (SIZE_MIN_PX..=SIZE_MAX_PX).contains(&given));
        px.map(Self).ok_or(QrError::Size { given })
    }
}

impl TryFrom<u32> for Margin {
    type Error = QrError;

    fn try_from(given: u32) -> Result<Self, QrError> {
        let modules = u16::try_from(given).ok().filter(|_| given <= MARGIN_MAX_MODULES);
        modules.map(Self).ok_or(QrError::Margin { given })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_bounded() {
        for good in [SIZE_MIN_PX, 512, SIZE_MAX_PX] {
            assert_eq!(u32::from(Size::try_from(good).unwrap().px()), good);
        }
        for bad in [0, SIZE_MIN_PX - 1, SIZE_MAX_PX + 1, 65_536 + 512, u32::MAX] {
            assert!(Size::try_from(bad).is_err(), "{bad}");
        }
        assert_eq!(Margin::try_from(0).unwrap().modules(), 0);
        for bad in [MARGIN_MAX_MODULES + 1, 65_536, u32::MAX] {
            assert!(Margin::try_from(bad).is_err(), "{bad}");
        }
    }
}
