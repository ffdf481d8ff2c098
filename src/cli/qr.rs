//! QR codes out of block characters, two rows of modules in one line of text.

use qrcodegen::{QrCode, QrCodeEcc};

use super::output::Reader;

/// Modules of empty border (ISO/IEC 18004 asks for 4; scanners of screens are content with 2).
const QUIET: i32 = 2;

/// The code, dark on light whatever the terminal's colours. `None` for a text that is too long for any code.
///
/// Without colours the light modules are drawn, which is right on a dark terminal and readable on most others.
pub(super) fn blocks(text: &str, reader: Reader) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let (before, after) = if reader == Reader::Colour { ("\x1b[97;40m", "\x1b[0m") } else { ("", "") };
    let span = -QUIET..code.size() + QUIET;
    let rows = span.clone().step_by(2).map(|y| {
        let line: String = span.clone().map(|x| block(!code.get_module(x, y), !code.get_module(x, y + 1))).collect();
        format!("{before}{line}{after}\n")
    });
    Some(rows.collect::<Vec<_>>().concat())
}

/// The upper and the lower module, drawn where they are light.
fn block(upper: bool, lower: bool) -> char {
    match (upper, lower) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_is_the_code_with_a_border() {
        let code = QrCode::encode_text("https://t.me/post_bot?start=abc", QrCodeEcc::Low).unwrap();
        let drawn = blocks("https://t.me/post_bot?start=abc", Reader::Plain).unwrap();
        let lines: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().collect()).collect();
        let light = |x: i32, y: i32| {
            let (column, row) = (usize::try_from(x + QUIET).unwrap(), usize::try_from(y + QUIET).unwrap());
            let c = lines[row / 2][column];
            c == '█' || c == if row.is_multiple_of(2) { '▀' } else { '▄' }
        };
        for y in -QUIET..code.size() + QUIET {
            for x in -QUIET..code.size() + QUIET {
                assert_eq!(light(x, y), !code.get_module(x, y), "{x},{y}");
            }
        }
    }
}
