//! Whatever is drawn, an independent reader reads: every style, format and level, with and without a logo.
#![expect(clippy::unwrap_used, reason = "what cannot be set up must fail the test at once")]

use std::io::Cursor;

use hopline_qr::{Code, Color, DotStyle, ErrorCorrection, EyeStyle, Logo, LogoScale, Margin, Size, Style};
use image::{GrayImage, ImageFormat, Luma, RgbImage, RgbaImage};
use proptest::prelude::*;
use resvg::{tiny_skia, usvg};

const URL: &str = "https://hop.example/summer-sale?src=qr";
const DOTS: [DotStyle; 3] = [DotStyle::Square, DotStyle::Rounded, DotStyle::Dots];
const EYES: [EyeStyle; 3] = [EyeStyle::Square, EyeStyle::Rounded, EyeStyle::Circle];
const LEVELS: [ErrorCorrection; 4] =
    [ErrorCorrection::L, ErrorCorrection::M, ErrorCorrection::Q, ErrorCorrection::H];
/// What a code without a margin stands on.
const GROUND_PX: u32 = 24;

/// What a reader sees in a picture that lies on this ground.
fn read(picture: &RgbImage, Color(ground): Color) -> Result<String, String> {
    let ground = image::Pixel::to_luma(&image::Rgb(ground));
    let (width, height) = (picture.width() + 2 * GROUND_PX, picture.height() + 2 * GROUND_PX);
    let mut seen = GrayImage::from_pixel(width, height, ground);
    for (x, y, pixel) in picture.enumerate_pixels() {
        let Luma([level]) = image::Pixel::to_luma(pixel);
        seen.put_pixel(x + GROUND_PX, y + GROUND_PX, Luma([level]));
    }
    let (width, height) = (usize::try_from(width).unwrap(), usize::try_from(height).unwrap());
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| seen.as_raw()[y * width + x]);
    let read = prepared.detect_grids().into_iter().map(|grid| grid.decode().map(|(_, text)| text));
    // The reader may take a part of a logo for a finder; the code it must find all the same.
    let read: Vec<_> = read.collect();
    let text = read.iter().find_map(|outcome| outcome.as_ref().ok());
    text.cloned().ok_or_else(|| format!("nothing can be read: {read:?}"))
}

fn decoded(bytes: &[u8], format: ImageFormat) -> RgbImage {
    image::load_from_memory_with_format(bytes, format).unwrap().into_rgb8()
}

fn rasterised(svg: &str) -> RgbImage {
    let tree = usvg::Tree::from_str(svg, &usvg::Options::default()).unwrap();
    let size = tree.size().to_int_size();
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).unwrap();
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut pixels.as_mut());
    RgbImage::from_fn(size.width(), size.height(), |x, y| {
        let pixel = pixels.pixel(x, y).unwrap();
        image::Rgb([pixel.red(), pixel.green(), pixel.blue()])
    })
}

fn assert_read(text: &str, style: &Style) {
    let code = Code::new(text, style.clone()).unwrap();
    let drawn = [
        ("png", decoded(&code.png().unwrap(), ImageFormat::Png)),
        ("webp", decoded(&code.webp().unwrap(), ImageFormat::WebP)),
        ("svg", rasterised(&code.svg().unwrap())),
    ];
    for (format, picture) in drawn {
        let (dots, eyes, level) = (style.dots, style.eyes, style.error_correction);
        let what = format!("{format} {dots:?} {eyes:?} {level:?}, {} bytes", text.len());
        assert_eq!(read(&picture, style.background).as_deref(), Ok(text), "{what}");
    }
}

/// The worst logo: it fills its place, half of it dark, half light.
fn logo(percent: u32) -> Logo {
    let picture = RgbaImage::from_fn(40, 40, |x, y| {
        if (x / 5 + y / 5).is_multiple_of(2) {
            image::Rgba([0, 0, 0, 255])
        } else {
            image::Rgba([255, 255, 255, 255])
        }
    });
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    Logo::read(&bytes, LogoScale::try_from(percent).unwrap()).unwrap()
}

#[test]
fn every_combination_of_styles_is_read() {
    for dots in DOTS {
        for eyes in EYES {
            for error_correction in LEVELS {
                let size = Size::try_from(250).unwrap();
                assert_read(URL, &Style { size, dots, eyes, error_correction, ..Style::default() });
            }
        }
    }
}

#[test]
fn the_largest_logo_is_borne_by_every_style() {
    for dots in DOTS {
        for eyes in EYES {
            // The least level is asked for: a logo raises it.
            let (size, error_correction) = (Size::try_from(300).unwrap(), ErrorCorrection::L);
            let logo = Some(logo(30));
            assert_read(URL, &Style { size, dots, eyes, error_correction, logo, ..Style::default() });
        }
    }
}

#[test]
fn the_largest_logo_is_borne_by_codes_of_every_size() {
    for length in [1, 10, 20, 40, 60, 90, 130, 200, 300, 450, 700, 1000] {
        let text: String = "https://hop.example/Abc-9_".chars().cycle().take(length).collect();
        let size = Size::try_from(800).unwrap();
        assert_read(&text, &Style { size, logo: Some(logo(30)), ..Style::default() });
    }
}

#[test]
fn the_least_contrast_and_every_margin_are_read() {
    for (foreground, background) in [("#949494", "#ffffff"), ("#000000", "#5a5a5a"), ("#c00000", "#ffe0b0")] {
        for margin in [0, 1, 4, 16] {
            let style = Style {
                size: Size::try_from(260).unwrap(),
                margin: Margin::try_from(margin).unwrap(),
                foreground: foreground.parse::<Color>().unwrap(),
                background: background.parse::<Color>().unwrap(),
                ..Style::default()
            };
            assert_read(URL, &style);
        }
    }
}

#[test]
fn images_have_the_size_asked_for() {
    for px in [100, 257, 2048] {
        let style = Style { size: Size::try_from(px).unwrap(), ..Style::default() };
        let code = Code::new("https://hop.example/a", style).unwrap();
        assert_eq!(decoded(&code.png().unwrap(), ImageFormat::Png).dimensions(), (px, px));
        assert_eq!(decoded(&code.webp().unwrap(), ImageFormat::WebP).dimensions(), (px, px));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_text_is_read(text in "[ -~]{1,120}", dots in 0..3_usize, eyes in 0..3_usize) {
        let (dots, eyes) = (DOTS[dots], EYES[eyes]);
        let code = Code::new(&text, Style { dots, eyes, ..Style::default() }).unwrap();
        let picture = decoded(&code.png().unwrap(), ImageFormat::Png);
        prop_assert_eq!(read(&picture, Color::WHITE), Ok(text));
    }
}
