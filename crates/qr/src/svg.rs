//! A code as SVG: one path for the modules, one for the eyes. Nothing in it comes from a caller's text.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{Code, DotStyle, Logo, QrError, corners, raster};

pub(crate) fn draw(code: &Code) -> Result<String, QrError> {
    let (span, style) = (code.span(), &code.style);
    let (size, foreground, background) = (style.size.px(), style.foreground, style.background);
    let (dots, eyes) = (dots_path(code), eyes_path(code));
    let logo = style.logo.as_ref().map(|logo| picture(code, logo)).transpose()?.unwrap_or_default();
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{size}\" height=\"{size}\" viewBox=\"0 0 {span} {span}\" \
         role=\"img\" aria-label=\"QR code\">\
         <path fill=\"{background}\" d=\"M0 0h{span}v{span}H0z\"/>\
         <path fill=\"{foreground}\" d=\"{dots}\"/>\
         <path fill=\"{foreground}\" fill-rule=\"evenodd\" d=\"{eyes}\"/>{logo}</svg>\n"
    ))
}

fn dots_path(code: &Code) -> String {
    let margin = code.style.margin.modules();
    let mut path = String::new();
    if code.style.dots == DotStyle::Square {
        (0..code.modules.side()).for_each(|row| write_runs(code, row, &mut path));
        return path;
    }
    for (column, row, shape) in code.modules.dots(code.style.dots) {
        shape.write_path((f32::from(column + margin), f32::from(row + margin)), &mut path);
    }
    path
}

/// Square modules side by side are one rectangle: a third of the bytes, and no seams.
fn write_runs(code: &Code, row: u16, path: &mut String) {
    let (margin, side) = (code.style.margin.modules(), code.modules.side());
    let mut column = 0;
    while column < side {
        let length =
            (column..side).take_while(|&at| code.modules.is_dot(at, row)).map(|_| 1_u16).sum::<u16>();
        if length > 0 {
            // Writing to a String can't fail.
            let _ = write!(path, "M{} {}h{length}v1h-{length}z", column + margin, row + margin);
        }
        column += length.max(1);
    }
}

fn eyes_path(code: &Code) -> String {
    let margin = code.style.margin.modules();
    let mut path = String::new();
    for (column, row) in code.modules.eyes() {
        for (inset, part) in corners::eye(code.style.eyes) {
            let place = (f32::from(column + margin) + inset, f32::from(row + margin) + inset);
            part.write_path(place, &mut path);
        }
    }
    path
}

/// The logo, encoded anew from its pixels.
fn picture(code: &Code, logo: &Logo) -> Result<String, QrError> {
    let (start, side) = (code.modules.hole_start() + code.style.margin.modules(), code.modules.hole());
    let (x, side) = (f32::from(start) + 0.5, f32::from(side) - 1.0);
    if side <= 0.0 {
        return Ok(String::new());
    }
    let data = STANDARD.encode(raster::logo_png(logo)?);
    Ok(format!(
        "<image x=\"{x}\" y=\"{x}\" width=\"{side}\" height=\"{side}\" href=\"data:image/png;base64,{data}\"/>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Style;

    #[test]
    fn documents_are_small_and_whole() {
        let drawn = draw(&Code::new("https://hop.example/a", Style::default()).unwrap()).unwrap();
        assert!(drawn.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"512\""));
        assert!(drawn.ends_with("</svg>\n") && drawn.len() < 6_000, "{}", drawn.len());
        assert!(!drawn.contains("hop.example"));
    }
}
