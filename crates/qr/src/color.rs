//! Opaque sRGB colours, and how far apart two of them are to a scanner.

use std::{fmt, str::FromStr};

use crate::QrError;

/// The least contrast of a readable code: what WCAG 2.2 asks of graphics (success criterion 1.4.11).
pub const CONTRAST_MIN: f32 = 3.0;

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color(pub [u8; 3]);

impl Color {
    pub const BLACK: Self = Self([0; 3]);
    pub const WHITE: Self = Self([255; 3]);

    /// Relative luminance, 0 (black) to 1 (white), as WCAG 2.2 defines it.
    fn luminance(self) -> f32 {
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// This much of the way (0 to 255) from here to another colour.
    pub(crate) fn towards(self, other: Self, way: u8) -> Self {
        let mix = |from: u8, to: u8| {
            let (from, to, way) = (u32::from(from), u32::from(to), u32::from(way));
            u8::try_from((from * (255 - way) + to * way + 127) / 255).unwrap_or(u8::MAX)
        };
        Self(std::array::from_fn(|channel| mix(self.0[channel], other.0[channel])))
    }
}

/// A channel without its gamma (WCAG 2.2, “relative luminance”).
fn linear(channel: u8) -> f32 {
    let value = f32::from(channel) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// Refuses a foreground that scanners can't tell from the background.
pub(crate) fn check_contrast(foreground: Color, background: Color) -> Result<(), QrError> {
    let (dark, light) = (foreground.luminance(), background.luminance());
    let ratio = (dark.max(light) + 0.05) / (dark.min(light) + 0.05);
    if ratio < CONTRAST_MIN {
        return Err(QrError::Contrast { foreground, background, ratio });
    }
    if dark > light {
        return Err(QrError::LightOnDark { foreground, background });
    }
    Ok(())
}

impl FromStr for Color {
    type Err = QrError;

    fn from_str(text: &str) -> Result<Self, QrError> {
        let digits = text.strip_prefix('#').ok_or(QrError::ColorSyntax)?;
        let nibbles: Option<Vec<u8>> = digits.chars().map(nibble).collect();
        match nibbles.as_deref() {
            Some(&[red, green, blue]) => Ok(Self([red * 17, green * 17, blue * 17])),
            Some(&[r1, r0, g1, g0, b1, b0]) => Ok(Self([r1 * 16 + r0, g1 * 16 + g0, b1 * 16 + b0])),
            _ => Err(QrError::ColorSyntax),
        }
    }
}

fn nibble(digit: char) -> Option<u8> {
    digit.to_digit(16).and_then(|value| u8::try_from(value).ok())
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn color(text: &str) -> Color {
        text.parse().unwrap()
    }

    #[test]
    fn colours_are_read_and_written() {
        assert_eq!(color("#fff"), Color::WHITE);
        assert_eq!(color("#1A2b3C").to_string(), "#1a2b3c");
        for bad in ["", "#", "fff", "#ffff", "#ggg", "#12345", "#1234567", "#ffé", "red"] {
            assert!(bad.parse::<Color>().is_err(), "{bad}");
        }
    }

    #[test]
    fn contrast_is_judged_as_wcag_does() {
        for (foreground, background) in
            [("#000", "#fff"), ("#949494", "#fff"), ("#00f", "#fff"), ("#000", "#f00")]
        {
            assert!(
                check_contrast(color(foreground), color(background)).is_ok(),
                "{foreground} {background}"
            );
        }
        let refusal = |foreground, background| {
            check_contrast(color(foreground), color(background)).unwrap_err().to_string()
        };
        assert_eq!(
            refusal("#ff0", "#fff"),
            "#ffff00 on #ffffff has a contrast of 1.1:1, and scanners need 3:1; make the foreground darker or the background lighter"
        );
        assert!(refusal("#fff", "#000").contains("swap the colours"));
        assert!(refusal("#959595", "#fff").contains("contrast"));
    }

    #[test]
    fn mixing_ends_where_it_says() {
        assert_eq!(Color::BLACK.towards(Color::WHITE, 0), Color::BLACK);
        assert_eq!(Color::BLACK.towards(Color::WHITE, 255), Color::WHITE);
        assert_eq!(Color::BLACK.towards(Color::WHITE, 128), Color([128; 3]));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(channels in any::<[u8; 3]>()) {
            prop_assert_eq!(color(&Color(channels).to_string()), Color(channels));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,9}") {
            let _ = text.parse::<Color>();
        }

        #[test]
        fn only_one_of_two_orders_is_readable(one in any::<[u8; 3]>(), other in any::<[u8; 3]>()) {
            let there = check_contrast(Color(one), Color(other)).is_ok();
            let back = check_contrast(Color(other), Color(one)).is_ok();
            prop_assert!(!(there && back));
        }
    }
}
