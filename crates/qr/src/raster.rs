//! A code as pixels: modules on a whole-pixel grid, so that square ones stay crisp; round ones are smoothed.

use std::io::Cursor;

use image::{
    ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba,
    codecs::{
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
    imageops,
};

use crate::{
    Code, Color, Logo, QrError,
    corners::{self, Corners, EYE_MODULES},
};

/// A pixel's darkness is the share of this many samples squared.
const SAMPLES: u16 = 4;

pub(crate) fn png(code: &Code) -> Result<Vec<u8>, QrError> {
    let image = draw(code);
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::NoFilter)
        .write_image(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8)
        .map_err(QrError::Encode)?;
    Ok(bytes)
}

pub(crate) fn webp(code: &Code) -> Result<Vec<u8>, QrError> {
    let image = draw(code);
    let mut bytes = Vec::new();
    WebPEncoder::new_lossless(&mut bytes)
        .write_image(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8)
        .map_err(QrError::Encode)?;
    Ok(bytes)
}

pub(crate) fn logo_png(logo: &Logo) -> Result<Vec<u8>, QrError> {
    let mut bytes = Vec::new();
    logo.pixels.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(QrError::Encode)?;
    Ok(bytes)
}

/// The whole image while it is drawn.
struct Canvas<'a> {
    code: &'a Code,
    image: RgbImage,
    module_px: u16,
    /// Where the code's first module begins; what the grid leaves over is margin.
    start_px: u16,
}

fn draw(code: &Code) -> RgbImage {
    let (size, Color(background)) = (code.style.size.px(), code.style.background);
    let module_px = size / code.span();
    let start_px = (size - module_px * code.modules.side()) / 2;
    let image = RgbImage::from_pixel(size.into(), size.into(), Rgb(background));
    let mut canvas = Canvas { code, image, module_px, start_px };
    canvas.draw_dots();
    canvas.draw_eyes();
    if let Some(logo) = &code.style.logo {
        canvas.draw_logo(logo);
    }
    canvas.image
}

impl Canvas<'_> {
    fn draw_dots(&mut self) {
        // There are no more shapes of modules than corners to be round or not.
        let mut known: Vec<(Corners, Vec<u8>)> = Vec::new();
        for (column, row, shape) in self.code.modules.dots(self.code.style.dots) {
            let index = known.iter().position(|(drawn, _)| *drawn == shape).unwrap_or_else(|| {
                known.push((shape, coverage(self.module_px, 1, |x, y| shape.contains(x, y))));
                known.len() - 1
            });
            self.stamp((column, row), &known[index].1, self.module_px);
        }
    }

    fn draw_eyes(&mut self) {
        let parts = corners::eye(self.code.style.eyes);
        let side_px = self.module_px * EYE_MODULES;
        let tile = coverage(side_px, EYE_MODULES, |x, y| corners::eye_contains(&parts, x, y));
        for place in self.code.modules.eyes() {
            self.stamp(place, &tile, side_px);
        }
    }

    /// Puts a square tile of darkness at a module.
    fn stamp(&mut self, (column, row): (u16, u16), tile: &[u8], side_px: u16) {
        let (x, y) = (self.px_of(column), self.px_of(row));
        let style = &self.code.style;
        for (line, darkness) in (0_u32..).zip(tile.chunks(side_px.into())) {
            for (at, &way) in (0_u32..).zip(darkness) {
                let Color(mixed) = style.background.towards(style.foreground, way);
                self.image.put_pixel(x + at, y + line, Rgb(mixed));
            }
        }
    }

    fn px_of(&self, module: u16) -> u32 {
        u32::from(self.start_px) + u32::from(self.module_px) * u32::from(module)
    }

    /// The logo in the middle of its place, half a module away from the code.
    fn draw_logo(&mut self, logo: &Logo) {
        let start = self.px_of(self.code.modules.hole_start());
        let place = u32::from(self.code.modules.hole()) * u32::from(self.module_px);
        let room = place.saturating_sub(u32::from(self.module_px)).max(1);
        let (width, height) = fit(logo.pixels.dimensions(), room);
        let scaled = imageops::resize(&logo.pixels, width, height, imageops::FilterType::Triangle);
        let (left, top) = (start + (place - width) / 2, start + (place - height) / 2);
        for (x, y, &Rgba([red, green, blue, alpha])) in scaled.enumerate_pixels() {
            let pixel = self.image.get_pixel_mut(left + x, top + y);
            let Color(mixed) = Color(pixel.0).towards(Color([red, green, blue]), alpha);
            *pixel = Rgb(mixed);
        }
    }
}

/// The largest dimensions of these proportions in a square.
fn fit((width, height): (u32, u32), room: u32) -> (u32, u32) {
    let longest = width.max(height).max(1);
    ((width * room / longest).max(1), (height * room / longest).max(1))
}

/// The darkness (0 to 255) of each pixel of a square tile of some modules.
fn coverage(side_px: u16, modules: u16, is_dark: impl Fn(f32, f32) -> bool) -> Vec<u8> {
    let steps = side_px * SAMPLES;
    let scale = f32::from(modules) / f32::from(steps);
    let at = |step: u16| (f32::from(step) + 0.5) * scale;
    let darkness = |column: u16, row: u16| {
        let (x, y) = (column * SAMPLES, row * SAMPLES);
        let samples = (y..y + SAMPLES).flat_map(|row| (x..x + SAMPLES).map(move |column| (column, row)));
        let dark = samples.filter(|&(column, row)| is_dark(at(column), at(row))).map(|_| 1_u16).sum::<u16>();
        u8::try_from(dark * u16::from(u8::MAX) / (SAMPLES * SAMPLES)).unwrap_or(u8::MAX)
    };
    (0..side_px)
        .flat_map(|row| (0..side_px).map(move |column| (column, row)))
        .map(|(c, r)| darkness(c, r))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_smooth_at_edges_only() {
        let square = coverage(3, 1, |x, y| Corners::even(1.0, 0.0).contains(x, y));
        assert_eq!(square, [255; 9]);
        let disc = coverage(3, 1, |x, y| Corners::even(1.0, 0.5).contains(x, y));
        assert_eq!(disc[4], 255);
        assert!(disc[0] > 0 && disc[0] < 200 && disc[1] > 200, "{disc:?}");
    }

    #[test]
    fn proportions_are_kept() {
        assert_eq!(fit((640, 320), 100), (100, 50));
        assert_eq!(fit((1, 640), 100), (1, 100));
        assert_eq!(fit((10, 10), 100), (100, 100));
    }
}
