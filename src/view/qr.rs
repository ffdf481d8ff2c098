//! QR codes as SVG (ISO/IEC 18004), drawn here so that no address with a code in it leaves the server.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of white on each side that scanners need (ISO/IEC 18004, section 6.3.8).
const QUIET: i32 = 4;

/// `text` as a QR code, black on white in both themes. `title` is read to those who cannot scan it.
/// A text above 2,331 bytes does not fit; a sentence stands in its place.
#[must_use]
pub fn svg(text: &str, title: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
        return html! { p.hint { "This is too long for a QR code." } };
    };
    let side = code.size() + 2 * QUIET;
    html! {
        svg.qr viewBox={"0 0 " (side) " " (side)} role="img" shape-rendering="crispEdges" {
            title { (title) }
            rect width=(side) height=(side) fill="#fff" {}
            path fill="#000" d=(PreEscaped(runs(&code))) {}
        }
    }
}

/// [`svg`] on a stamp of its own: white with perforated edges, as large as the room allows.
#[must_use]
pub fn stamp(text: &str, title: &str) -> Markup {
    html! { div.stamp.alone { (svg(text, title)) } }
}

/// One rectangle for each horizontal run of dark modules.
fn runs(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size()).take_while(|at| code.get_module(*at, y)).count();
            let length = i32::try_from(length).unwrap_or(0);
            if length > 0 {
                let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
            x += length + 1;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dark modules of the drawn path.
    fn dark(path: &str) -> std::collections::BTreeSet<(i32, i32)> {
        let mut out = std::collections::BTreeSet::new();
        for run in path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            let (x, y, length): (i32, i32, i32) = (x.parse().unwrap(), y.parse().unwrap(), length.parse().unwrap());
            out.extend((x..x + length).map(|at| (at, y)));
        }
        out
    }

    #[test]
    fn the_drawing_is_the_code_within_a_quiet_zone_of_four() {
        let text = "https://t.me/example_bot?start=0123456789abcdefABCDEF";
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let drawn = dark(&runs(&code));
        for y in 0..code.size() + 8 {
            for x in 0..code.size() + 8 {
                assert_eq!(drawn.contains(&(x, y)), code.get_module(x - 4, y - 4), "module {x} {y}");
            }
        }
        let html = svg(text, "<scan me>").into_string();
        let side = code.size() + 8;
        assert!(html.contains(&format!("viewBox=\"0 0 {side} {side}\"")));
        assert!(html.contains("<title>&lt;scan me&gt;</title>"));
    }

    #[test]
    fn a_text_that_does_not_fit_is_told() {
        assert!(svg(&"x".repeat(5_000), "x").into_string().contains("too long for a QR code"));
    }
}
