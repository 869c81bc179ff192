//! QR designs on the wire: a saved object or query parameters, read into a style; every fault with its place.

use base64::{Engine, engine::general_purpose::STANDARD};
use hopline_domain::{problem::Fault, short_link::QrDesign};
use hopline_qr::{
    Color, DotStyle, ErrorCorrection, EyeStyle, LOGO_BYTES_MAX, Logo, LogoScale, Margin, QrError, Size, Style,
};
use serde_json::Value;

use crate::fields::{Faults, Fields, Place, integer, object, parsed, text};

/// Base64 of the largest logo, with its `data:` prefix.
const LOGO_TEXT_BYTES_MAX: usize = LOGO_BYTES_MAX.div_ceil(3) * 4 + 64;
const COLOR_BYTES_MAX: usize = 16;

pub(crate) const DOT_WORDS: &str = "square, rounded, dots";
pub(crate) const EYE_WORDS: &str = "square, rounded, circle";
pub(crate) const LEVEL_WORDS: &str = "L, M, Q, H";

/// What a design says; what it leaves out is the default's.
#[derive(Debug, Default)]
pub(crate) struct Design {
    pub(crate) size: Option<Size>,
    pub(crate) margin: Option<Margin>,
    pub(crate) foreground: Option<Color>,
    pub(crate) background: Option<Color>,
    pub(crate) error_correction: Option<ErrorCorrection>,
    pub(crate) dots: Option<DotStyle>,
    pub(crate) eyes: Option<EyeStyle>,
    pub(crate) logo: Option<Logo>,
}

impl Design {
    /// Reads a saved design, or tells all that is wrong with it; pointers begin at the design.
    pub(crate) fn of(QrDesign(value): &QrDesign) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let design = object(Self::read)(value, &mut Place::root(&mut faults));
        let faults = faults.into_vec();
        match design.filter(|_| faults.is_empty()) {
            Some(design) => Ok(design),
            None => Err(faults),
        }
    }

    fn read(fields: &mut Fields<'_, '_>) -> Self {
        let scale = fields.optional("logo_scale", number(LogoScale::try_from)).unwrap_or_default();
        Self {
            size: fields.optional("size", number(Size::try_from)),
            margin: fields.optional("margin", number(Margin::try_from)),
            foreground: fields.optional("foreground", color),
            background: fields.optional("background", color),
            error_correction: fields.optional("error_correction", among(LEVEL_WORDS, level)),
            dots: fields.optional("style", among(DOT_WORDS, dot_style)),
            eyes: fields.optional("eyes", among(EYE_WORDS, eye_style)),
            logo: fields.optional("logo", |value, place| logo(value, place, scale)),
        }
    }

    /// These, and what they lack from `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            size: self.size.or(other.size),
            margin: self.margin.or(other.margin),
            foreground: self.foreground.or(other.foreground),
            background: self.background.or(other.background),
            error_correction: self.error_correction.or(other.error_correction),
            dots: self.dots.or(other.dots),
            eyes: self.eyes.or(other.eyes),
            logo: self.logo.or(other.logo),
        }
    }

    pub(crate) fn style(self) -> Style {
        let plain = Style::default();
        Style {
            size: self.size.unwrap_or_default(),
            margin: self.margin.unwrap_or_default(),
            foreground: self.foreground.unwrap_or(plain.foreground),
            background: self.background.unwrap_or(plain.background),
            error_correction: self.error_correction.unwrap_or_default(),
            dots: self.dots.unwrap_or_default(),
            eyes: self.eyes.unwrap_or_default(),
            logo: self.logo,
        }
    }
}

/// All that is wrong with a design that somebody wants to save; pointers begin at the design.
pub(crate) fn check(design: &QrDesign) -> Vec<Fault> {
    match Design::of(design) {
        Ok(design) => {
            let drawn = hopline_qr::Code::new("https://short.example/a", design.style());
            drawn.err().map(|error| vec![fault(&error)]).unwrap_or_default()
        }
        Err(faults) => faults,
    }
}

/// What is wrong with a style as a whole, at the member to change.
pub(crate) fn fault(error: &QrError) -> Fault {
    let (pointer, code) = match error {
        QrError::Contrast { .. } | QrError::LightOnDark { .. } => ("/foreground", "unreadable"),
        QrError::TooSmall { .. } => ("/size", "unreadable"),
        _ => ("", "malformed"),
    };
    Fault::new(pointer, code, error.to_string())
}

pub(crate) fn level(word: &str) -> Option<ErrorCorrection> {
    Some(match word {
        "L" => ErrorCorrection::L,
        "M" => ErrorCorrection::M,
        "Q" => ErrorCorrection::Q,
        "H" => ErrorCorrection::H,
        _ => return None,
    })
}

pub(crate) fn dot_style(word: &str) -> Option<DotStyle> {
    Some(match word {
        "square" => DotStyle::Square,
        "rounded" => DotStyle::Rounded,
        "dots" => DotStyle::Dots,
        _ => return None,
    })
}

pub(crate) fn eye_style(word: &str) -> Option<EyeStyle> {
    Some(match word {
        "square" => EyeStyle::Square,
        "rounded" => EyeStyle::Rounded,
        "circle" => EyeStyle::Circle,
        _ => return None,
    })
}

fn among<T>(
    words: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> impl Fn(&Value, &mut Place<'_>) -> Option<T> {
    parsed(16, move |word| read(word).ok_or_else(|| format!("give one of: {words}")))
}

/// A whole number that one of the drawing's types takes.
fn number<T>(take: impl Fn(u32) -> Result<T, QrError>) -> impl Fn(&Value, &mut Place<'_>) -> Option<T> {
    let read = integer(0, u32::MAX.into());
    move |value, place| {
        let number = u32::try_from(read(value, place)?).unwrap_or(u32::MAX);
        take(number).map_or_else(|error| place.refuse("out_of_range", error.to_string()), Some)
    }
}

fn color(value: &Value, place: &mut Place<'_>) -> Option<Color> {
    parsed(COLOR_BYTES_MAX, |text| text.parse().map_err(|error: QrError| error.to_string()))(value, place)
}

/// Base64 of a PNG or JPEG, or the same as a `data:` URL.
fn logo(value: &Value, place: &mut Place<'_>, scale: LogoScale) -> Option<Logo> {
    let given = text(LOGO_TEXT_BYTES_MAX)(value, place)?;
    let encoded = match given.strip_prefix("data:") {
        Some(data) => data.split_once(";base64,").map(|(_, encoded)| encoded),
        None => Some(given.as_str()),
    };
    let Some(bytes) = encoded.and_then(|encoded| STANDARD.decode(encoded).ok()) else {
        return place.refuse("malformed", "give a PNG or JPEG in base64, or as a `data:` URL");
    };
    Logo::read(&bytes, scale).map_or_else(|error| place.refuse("malformed", error.to_string()), Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(design: Value) -> Vec<String> {
        check(&QrDesign(design))
            .into_iter()
            .map(|fault| format!("{} {}", fault.pointer, fault.code))
            .collect()
    }

    #[test]
    fn designs_that_can_be_read_are_taken() {
        let design = json!({
            "style": "dots", "eyes": "circle", "size": 300, "margin": 2, "foreground": "#204080",
            "background": "#fff", "error_correction": "Q", "logo": null,
        });
        assert_eq!(faults(design), Vec::<String>::new());
        assert_eq!(faults(json!({})), Vec::<String>::new());
    }

    #[test]
    fn every_fault_has_its_place() {
        let design = json!({
            "style": "stars", "size": 5, "margin": 99, "foreground": "blue", "error_correction": "X",
            "logo": "%%", "logo_scale": 31, "odd": 1,
        });
        let mut told = faults(design);
        told.sort();
        assert_eq!(
            told,
            [
                "/error_correction malformed",
                "/foreground malformed",
                "/logo malformed",
                "/logo_scale out_of_range",
                "/margin out_of_range",
                "/odd unknown",
                "/size out_of_range",
                "/style malformed",
            ]
        );
        assert_eq!(faults(json!({"foreground": "#eee"})), ["/foreground unreadable"]);
        assert_eq!(faults(json!({"foreground": "#fff", "background": "#000"})), ["/foreground unreadable"]);
        assert_eq!(faults(json!({"logo": "data:image/svg+xml;base64,PHN2Zy8+"})), ["/logo malformed"]);
        assert_eq!(faults(json!([])), [" type"]);
    }
}
