//! Why a code is not drawn, in words for whoever chose the style.

use crate::{
    CONTRAST_MIN, Color, LOGO_BYTES_MAX, LOGO_SOURCE_SIDE_MAX_PX, LogoScale, MARGIN_MAX_MODULES, SIZE_MAX_PX,
    SIZE_MIN_PX, TEXT_BYTES_MAX,
};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QrError {
    #[error("the size is {given} px; give {SIZE_MIN_PX} to {SIZE_MAX_PX}")]
    Size { given: u32 },
    #[error("the margin is {given} modules; give 0 to {MARGIN_MAX_MODULES}")]
    Margin { given: u32 },
    #[error("a colour is written #rgb or #rrggbb")]
    ColorSyntax,
    #[error(
        "{foreground} on {background} has a contrast of {ratio:.1}:1, and scanners need {CONTRAST_MIN}:1; \
         make the foreground darker or the background lighter"
    )]
    Contrast { foreground: Color, background: Color, ratio: f32 },
    #[error(
        "{foreground} is lighter than the background {background}, and many scanners can't read a light code on a \
         dark ground; swap the colours"
    )]
    LightOnDark { foreground: Color, background: Color },
    #[error("the text has {given} bytes; {TEXT_BYTES_MAX} is the most")]
    TextTooLong { given: usize },
    #[error("there is no text to encode")]
    TextEmpty,
    #[error("at {given} px the modules of this code would be too small to scan; give at least {least} px")]
    TooSmall { given: u16, least: u16 },
    #[error("the logo has {given} bytes; {LOGO_BYTES_MAX} is the most")]
    LogoBytes { given: usize },
    #[error("the logo is neither a PNG nor a JPEG image")]
    LogoFormat,
    #[error("the logo can't be read, or has a side of more than {LOGO_SOURCE_SIDE_MAX_PX} px")]
    LogoUnreadable(#[source] image::ImageError),
    #[error(
        "the logo would span {given} % of the code's side; error correction bears {} to {} %",
        LogoScale::MIN_PERCENT,
        LogoScale::MAX_PERCENT
    )]
    LogoScale { given: u32 },
    #[error("the drawing can't be written as an image")]
    Encode(#[source] image::ImageError),
}
