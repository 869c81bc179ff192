//! Draws QR codes that scanners can read, as SVG, PNG or WebP, and refuses those they can't: colours too close, light on
//! dark, a logo too large, modules too small. Pure: no I/O, no clock; every input is bounded.

mod code;
mod color;
mod corners;
mod error;
mod logo;
mod measures;
mod modules;
mod raster;
mod style;
mod svg;

pub use code::{Code, TEXT_BYTES_MAX};
pub use color::{CONTRAST_MIN, Color};
pub use error::QrError;
pub use logo::{LOGO_BYTES_MAX, LOGO_SOURCE_SIDE_MAX_PX, Logo, LogoScale};
pub use measures::{MARGIN_MAX_MODULES, MODULE_MIN_PX, Margin, SIZE_MAX_PX, SIZE_MIN_PX, Size};
pub use style::{DotStyle, ErrorCorrection, EyeStyle, Style};
