//! QR codes as SVG (ISO/IEC 18004), drawn here so that no address with a code in it leaves the server.

use maud::{Markup, PreEscaped, html};
use qrcodegen::{DataTooLong, Mask, QrCode, QrCodeEcc, QrSegment, Version};

/// Modules of white on each side that scanners need (ISO/IEC 18004, section 6.3.8).
const QUIET: i32 = 4;
/// The one mask that is used. The standard lets an encoder try all eight and take the least confusing one (section 7.8), which
/// costs thirty times the rest of the drawing. Over links' addresses, whose codes are random, this one is within 8 % of the best
/// by the standard's own measure, with as few patterns that look like a corner. Scanners read every mask.
const MASK: u8 = 6;

/// `text` as a QR code, black on white in both themes. `title` is read to those who cannot scan it.
/// A text above 2,331 bytes does not fit; a sentence stands in its place.
#[must_use]
pub fn svg(text: &str, title: &str) -> Markup {
    let Ok(code) = encode(text) else {
        return html! { p.hint { "This is too long for a QR code." } };
    };
    let side = code.size() + 2 * QUIET;
    html! {
        svg.qr viewBox={"0 0 " (side) " " (side)} role="img" shape-rendering="crispEdges" {
            title { (title) }
            rect width=(side) height=(side) fill="#fff" {}
            path stroke="#000" d=(PreEscaped(runs(&code))) {}
        }
    }
}

/// [`svg`] on a stamp of its own: white with perforated edges, as large as the room allows.
#[must_use]
pub fn stamp(text: &str, title: &str) -> Markup {
    html! { div.stamp.alone { (svg(text, title)) } }
}

fn encode(text: &str) -> Result<QrCode, DataTooLong> {
    let segments = QrSegment::make_segments(text);
    let (mask, any) = (Some(Mask::new(MASK)), (Version::MIN, Version::MAX));
    // Better correction where it fits without a larger code.
    QrCode::encode_segments_advanced(&segments, QrCodeEcc::Medium, any.0, any.1, mask, true)
}

/// One stroke, a module wide, for each horizontal run of dark modules.
fn runs(code: &QrCode) -> String {
    let mut path = String::with_capacity(4096);
    for y in 0..code.size() {
        let (mut x, mut pen) = (0, None);
        while x < code.size() {
            let length = (x..code.size()).take_while(|at| code.get_module(*at, y)).count();
            let length = i32::try_from(length).unwrap_or(0);
            if length > 0 {
                match pen {
                    None => say(&mut path, [("M", x + QUIET), (" ", y + QUIET), (".5h", length)]),
                    Some(pen) => say(&mut path, [("m", x - pen), (" 0h", length)]),
                }
                pen = Some(x + length);
            }
            x += length + 1;
        }
    }
    path
}

/// Numbers with words before them. A drawing has a thousand, so they do not go through the formatting machinery.
fn say<const N: usize>(path: &mut String, words: [(&str, i32); N]) {
    for (word, number) in words {
        path.push_str(word);
        path.push_str(itoa::Buffer::new().format(number));
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    /// The dark modules of the drawn path.
    fn dark(path: &str) -> std::collections::BTreeSet<(i32, i32)> {
        let number = |text: &str| text.parse::<i32>().unwrap();
        let mut out = std::collections::BTreeSet::new();
        for row in path.split('M').skip(1) {
            let (start, rest) = row.split_once(".5").unwrap();
            let (x, y) = start.split_once(' ').unwrap();
            let mut pen = number(x);
            for run in rest.split('m') {
                let (gap, length) = run.split_once('h').unwrap();
                pen += gap.strip_suffix(" 0").map_or(0, number);
                out.extend((pen..pen + number(length)).map(|at| (at, number(y))));
                pen += number(length);
            }
        }
        out
    }

    #[test]
    fn the_drawing_is_the_code_within_a_quiet_zone_of_four() {
        let text = "https://t.me/example_bot?start=0123456789abcdefABCDEF";
        let code = encode(text).unwrap();
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

    /// Read by a decoder of others: the one mask serves whatever code stands in the address.
    #[test]
    fn what_is_drawn_can_be_read() {
        let rng = crate::rng::Rng::seeded(1);
        for _ in 0..200 {
            let text = format!("https://t.me/example_bot?start={}", URL_SAFE_NO_PAD.encode(rng.bytes::<16>()));
            let drawn = dark(&runs(&encode(&text).unwrap()));
            let side = usize::try_from(encode(&text).unwrap().size() + 2 * QUIET).unwrap() * 4;
            let module = |at: usize| i32::try_from(at / 4).unwrap();
            let grey = |x, y| if drawn.contains(&(module(x), module(y))) { 0 } else { 255 };
            let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, grey);
            assert_eq!(picture.detect_grids()[0].decode().unwrap().1, text);
        }
    }

    #[test]
    fn a_text_that_does_not_fit_is_told() {
        assert!(svg(&"x".repeat(5_000), "x").into_string().contains("too long for a QR code"));
    }
}
