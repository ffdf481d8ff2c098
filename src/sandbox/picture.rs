//! What a file claims to be, from its first bytes: the formats of pictures that Telegram takes as photos, with their size
//! in pixels. Nothing is decoded. Pure.

/// A picture's format and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its media type.
    pub mime: &'static str,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// Reads the header of a JPEG, PNG or WebP file; `None` for everything else.
#[must_use]
pub fn read(file: &[u8]) -> Option<Header> {
    let (mime, (width, height)) = if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        ("image/png", png(file)?)
    } else if file.starts_with(b"\xff\xd8\xff") {
        ("image/jpeg", jpeg(file)?)
    } else if file.starts_with(b"RIFF") && file.get(8..12)? == b"WEBP" {
        ("image/webp", webp(file)?)
    } else {
        return None;
    };
    (width > 0 && height > 0).then_some(Header { mime, width, height })
}

/// The first chunk is IHDR and begins with both lengths (PNG specification, section 11.2.1).
fn png(file: &[u8]) -> Option<(u32, u32)> {
    let wide = |at: usize| Some(u32::from_be_bytes(file.get(at..at + 4)?.try_into().ok()?));
    (file.get(12..16)? == b"IHDR").then_some(())?;
    Some((wide(16)?, wide(20)?))
}

/// Segments follow each other up to a start of frame, which holds height and width (ITU T.81, annex B).
fn jpeg(file: &[u8]) -> Option<(u32, u32)> {
    let short = |at: usize| Some(u16::from_be_bytes(file.get(at..at + 2)?.try_into().ok()?));
    let mut at = 2;
    loop {
        if *file.get(at)? != 0xff {
            return None;
        }
        match *file.get(at + 1)? {
            // A filling byte before a marker.
            0xff => at += 1,
            // Markers without a segment.
            0x01 | 0xd0..=0xd8 => at += 2,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((short(at + 7)?.into(), short(at + 5)?.into()));
            }
            // The picture's data, or its end, before any frame.
            0xd9 | 0xda => return None,
            _ => at += 2 + usize::from(short(at + 2)?.max(2)),
        }
    }
}

/// One of three first chunks, each with its own way to write the size (RFC 9649, section 2; RFC 6386, section 9.1).
fn webp(file: &[u8]) -> Option<(u32, u32)> {
    let small = |at: usize| Some(u32::from(u16::from_le_bytes(file.get(at..at + 2)?.try_into().ok()?)));
    match file.get(12..16)? {
        b"VP8X" => {
            let three = |at: usize| Some(small(at)? | u32::from(*file.get(at + 2)?) << 16);
            Some((three(24)? + 1, three(27)? + 1))
        }
        b"VP8L" => {
            (*file.get(20)? == 0x2f).then_some(())?;
            let bits = small(21)? | small(23)? << 16;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => {
            (file.get(23..26)? == b"\x9d\x01\x2a").then_some(())?;
            Some((small(26)? & 0x3fff, small(28)? & 0x3fff))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(file: &[u8]) -> (&'static str, u32, u32) {
        let Header { mime, width, height } = read(file).unwrap();
        (mime, width, height)
    }

    #[test]
    fn the_three_formats_are_told_with_their_sizes() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 2, 128, 0, 0, 1, 224, 8, 2]);
        assert_eq!(size(&png), ("image/png", 640, 480));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04xx\xff\xff\xdb\0\x03y\xff\xc2\0\x0b\x08\x01\xe0\x02\x80\x03";
        assert_eq!(size(jpeg), ("image/jpeg", 640, 480));
        let webp = |chunk: &[u8]| [b"RIFF\0\0\0\0WEBP", chunk].concat();
        let lossy = webp(b"VP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x80\x02\xe0\x01");
        assert_eq!(size(&lossy), ("image/webp", 640, 480));
        let lossless = webp(&[b"VP8L\0\0\0\0\x2f".as_slice(), &(0x027f_u32 | 0x01df << 14).to_le_bytes()].concat());
        assert_eq!(size(&lossless), ("image/webp", 640, 480));
        let extended = webp(b"VP8X\0\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0");
        assert_eq!(size(&extended), ("image/webp", 640, 480));
    }

    #[test]
    fn anything_else_is_no_picture() {
        let wrong: [&[u8]; 7] = [
            b"",
            b"GIF89a\x80\x02\xe0\x01",
            b"<html></html>",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
            b"\xff\xd8\xff\xda\0\x04",
            b"\xff\xd8\xff\xe0\0\0",
            b"RIFF\0\0\0\0WAVEfmt ",
        ];
        for file in wrong {
            assert_eq!(read(file), None, "{file:?}");
        }
    }
}
