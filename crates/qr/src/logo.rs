//! The picture in the middle: read within bounds, never larger than error correction bears, passed on only as pixels.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage, imageops::FilterType};

use crate::QrError;

pub const LOGO_BYTES_MAX: usize = 256 * 1024;
/// The longest side of a logo as it is given.
pub const LOGO_SOURCE_SIDE_MAX_PX: u32 = 2048;
/// Memory for decoding: a picture of the largest sides with 16 bits per channel.
const LOGO_DECODE_BYTES_MAX: u64 = 2048 * 2048 * 8 + 1024 * 1024;
/// The longest side that is kept: larger than any code draws it.
const LOGO_SIDE_MAX_PX: u32 = 640;

/// A decoded logo with the share of the code it spans.
#[derive(Clone, Debug)]
pub struct Logo {
    pub(crate) pixels: RgbaImage,
    pub(crate) scale: LogoScale,
}

/// How much of the code's side the logo spans, in percent.
///
/// Level H restores 30 % of the code words. At the most, 30 % of the side are 9 % of the area; a code word that is
/// covered in part is lost in whole, and scratches and blur want the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogoScale(u8);

impl LogoScale {
    pub(crate) const MIN_PERCENT: u32 = 10;
    pub(crate) const MAX_PERCENT: u32 = 30;

    /// The logo's place in modules: odd as every code's side is, so that it is in the middle.
    pub(crate) fn modules_of(self, side: u16) -> u16 {
        let modules = side * u16::from(self.0) / 100;
        if modules.is_multiple_of(2) { modules.saturating_sub(1) } else { modules }
    }
}

impl Default for LogoScale {
    fn default() -> Self {
        Self(24)
    }
}

impl TryFrom<u32> for LogoScale {
    type Error = QrError;

    fn try_from(given: u32) -> Result<Self, QrError> {
        let percent =
            u8::try_from(given).ok().filter(|_| (Self::MIN_PERCENT..=Self::MAX_PERCENT).contains(&given));
        percent.map(Self).ok_or(QrError::LogoScale { given })
    }
}

impl Logo {
    /// Reads a PNG or JPEG. What it carries beyond pixels is dropped.
    pub fn read(bytes: &[u8], scale: LogoScale) -> Result<Self, QrError> {
        if bytes.len() > LOGO_BYTES_MAX {
            return Err(QrError::LogoBytes { given: bytes.len() });
        }
        let format = image::guess_format(bytes).ok();
        let format = format.filter(|format| matches!(format, ImageFormat::Png | ImageFormat::Jpeg));
        let pixels = decode(bytes, format.ok_or(QrError::LogoFormat)?).map_err(QrError::LogoUnreadable)?;
        Ok(Self { pixels, scale })
    }
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<RgbaImage, image::ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LOGO_SOURCE_SIDE_MAX_PX);
    limits.max_image_height = Some(LOGO_SOURCE_SIDE_MAX_PX);
    limits.max_alloc = Some(LOGO_DECODE_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    let is_large = picture.width().max(picture.height()) > LOGO_SIDE_MAX_PX;
    if is_large {
        picture = picture.resize(LOGO_SIDE_MAX_PX, LOGO_SIDE_MAX_PX, FilterType::Triangle);
    }
    Ok(picture.into_rgba8())
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_pixel(width, height, Rgba([200, 0, 0, 255]));
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Logo, QrError> {
        Logo::read(bytes, LogoScale::default())
    }

    #[test]
    fn pictures_are_read_and_scaled() {
        assert_eq!(read(&png(10, 20)).unwrap().pixels.dimensions(), (10, 20));
        assert_eq!(read(&png(1300, 650)).unwrap().pixels.dimensions(), (640, 320));
        let mut jpeg = Vec::new();
        let picture = image::RgbImage::new(8, 8);
        picture.write_to(&mut Cursor::new(&mut jpeg), ImageFormat::Jpeg).unwrap();
        assert!(read(&jpeg).is_ok());
    }

    #[test]
    fn what_is_no_logo_is_refused() {
        assert!(matches!(read(b""), Err(QrError::LogoFormat)));
        assert!(matches!(read(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Err(QrError::LogoFormat)));
        assert!(matches!(read(b"RIFF\x10\0\0\0WEBPVP8 "), Err(QrError::LogoFormat)));
        assert!(matches!(read(&vec![0; LOGO_BYTES_MAX + 1]), Err(QrError::LogoBytes { .. })));
        assert!(matches!(read(&png(2049, 1)), Err(QrError::LogoUnreadable(_))));
        let whole = png(10, 10);
        assert!(matches!(read(&whole[..whole.len() / 2]), Err(QrError::LogoUnreadable(_))));
    }

    /// A few bytes that claim a picture of gigabytes.
    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        let mut bomb = png(1, 1);
        bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        assert!(matches!(read(&bomb), Err(QrError::LogoUnreadable(_))));
    }

    #[test]
    fn scales_are_bounded_and_odd() {
        for bad in [0, 9, 31, 300, u32::MAX] {
            assert!(LogoScale::try_from(bad).is_err(), "{bad}");
        }
        let largest = LogoScale::try_from(30).unwrap();
        for version in 1..=40_u16 {
            let side = 17 + 4 * version;
            let modules = largest.modules_of(side);
            assert!(modules % 2 == 1 && modules * 100 <= side * 30, "{side}");
        }
    }
}
