//! Photos as Telegram keeps them: what an upload has to be (Bot API, `sendPhoto`) and the sizes it is offered in. Pictures
//! are kept as they came; a smaller size is only told, not made.

use multer::bytes::Bytes;
use serde::Serialize;

use super::files::{FileKind, Files, StoredFile};
use super::picture::{self, Header};
use super::refusal::Refusal;

/// The largest photo, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;
/// The most that width and height may be together.
const LONGEST_SIDES: u32 = 10_000;
/// How many times longer than the other a side may be.
const STEEPEST: u32 = 20;
/// The sizes, each with the longest side it may have.
const SIZES: [(u8, u32); 5] = [(b's', 90), (b'm', 320), (b'x', 800), (b'y', 1280), (b'w', 2560)];

/// A photo in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Photo {
    /// Counts uploads from 1; the page shows it at `/photo/NUMBER`.
    pub number: u64,
    /// Pixels from left to right, as uploaded.
    pub width: u32,
    /// Pixels from top to bottom, as uploaded.
    pub height: u32,
    /// Length of the file, as uploaded.
    pub bytes: usize,
}

/// One size of a photo (Bot API, `PhotoSize`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    file_id: String,
    file_unique_id: String,
    #[serde(rename = "file_size")]
    bytes: usize,
    width: u32,
    height: u32,
}

/// Takes an upload; the same file again is the same photo.
pub fn upload(files: &mut Files, content: Bytes) -> Result<Photo, Refusal> {
    let Header { mime, width, height } = check(&content)?;
    let about = StoredFile { width: Some(width), height: Some(height), ..StoredFile::new(FileKind::Photo, mime) };
    Ok(photo(&files.keep(about, content)))
}

/// The photo that one of its identifiers names.
pub fn find(files: &Files, file_id: &str) -> Result<Photo, Refusal> {
    files.find_as(file_id, FileKind::Photo).map(photo)
}

fn photo(file: &StoredFile) -> Photo {
    let (width, height) = (file.width.unwrap_or(0), file.height.unwrap_or(0));
    Photo { number: file.number, width, height, bytes: file.bytes }
}

/// The sizes a photo is offered in, the smallest first. The largest is the photo itself, no side above 2,560 pixels.
#[must_use]
pub fn sizes(files: &Files, photo: Photo) -> Vec<Size> {
    let longest = photo.width.max(photo.height);
    let mut sizes = Vec::new();
    for (letter, side) in SIZES {
        sizes.push(size(files, photo, letter, side.min(longest)));
        if side >= longest {
            break;
        }
    }
    if let Some(largest) = sizes.last_mut() {
        largest.bytes = photo.bytes;
    }
    sizes
}

fn size(files: &Files, photo: Photo, letter: u8, side: u32) -> Size {
    let longest = photo.width.max(photo.height).max(1);
    let scale = |length: u32| {
        let scaled = u64::from(length) * u64::from(side) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(length).max(1)
    };
    let (width, height) = (scale(photo.width), scale(photo.height));
    let file = StoredFile { number: photo.number, ..StoredFile::new(FileKind::Photo, "") };
    let (file_id, file_unique_id) = files.identifiers(&file, Some(letter));
    // About what a compressed picture of that size has.
    let bytes = usize::try_from(width * height / 8 + 600).unwrap_or(0).min(photo.bytes);
    Size { file_id, file_unique_id, bytes, width, height }
}

/// What Telegram takes as a photo, and its words for what it does not.
fn check(file: &[u8]) -> Result<Header, Refusal> {
    if file.is_empty() {
        return Err(Refusal::bad("file must be non-empty"));
    }
    if file.len() > LARGEST {
        let size = file.len();
        return Err(Refusal::bad(&format!(
            "file of size {size} bytes is too big for a photo; the maximum size is {LARGEST} bytes"
        )));
    }
    let header = picture::read(file).ok_or_else(|| Refusal::bad("IMAGE_PROCESS_FAILED"))?;
    let Header { width, height, .. } = header;
    let (long, short) = (width.max(height), width.min(height));
    if width.saturating_add(height) > LONGEST_SIDES || long > short.saturating_mul(STEEPEST) {
        return Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, length: usize) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        file.extend(width.to_be_bytes());
        file.extend(height.to_be_bytes());
        file.resize(length, 0);
        file
    }

    fn refused(file: &[u8]) -> String {
        upload(&mut Files::new(1), Bytes::copy_from_slice(file)).unwrap_err().description.into_owned()
    }

    #[test]
    fn an_upload_has_to_be_a_photo_within_telegrams_limits() {
        let mut photos = Files::new(1);
        upload(&mut photos, png(9000, 1000, LARGEST).into()).unwrap();
        upload(&mut photos, png(20, 1, 100).into()).unwrap();
        assert_eq!(refused(b""), "Bad Request: file must be non-empty");
        assert_eq!(
            refused(&png(10, 10, LARGEST + 1)),
            "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"
        );
        assert_eq!(refused(b"GIF89a"), "Bad Request: IMAGE_PROCESS_FAILED");
        for (width, height) in [(9000, 1001), (21, 1), (1, 21), (u32::MAX, u32::MAX)] {
            assert_eq!(refused(&png(width, height, 100)), "Bad Request: PHOTO_INVALID_DIMENSIONS");
        }
    }

    #[test]
    fn every_size_has_an_identifier_that_names_the_photo_for_this_bot_only() {
        let mut photos = Files::new(1);
        let photo = upload(&mut photos, png(1600, 800, 5000).into()).unwrap();
        let all = sizes(&photos, photo);
        let pixels: Vec<_> = all.iter().map(|size| (size.width, size.height)).collect();
        assert_eq!(pixels, [(90, 45), (320, 160), (800, 400), (1280, 640), (1600, 800)]);
        assert_eq!(all.last().unwrap().bytes, 5000);
        let mut others = Files::new(2);
        upload(&mut others, png(1600, 800, 5000).into()).unwrap();
        for size in &all {
            assert_eq!(find(&photos, &size.file_id).unwrap(), photo);
            assert!(find(&others, &size.file_id).is_err(), "another bot's");
        }
        for wrong in ["", "x", "AgACAgIAAx", "https://a.example/x.png"] {
            assert!(find(&photos, wrong).is_err(), "{wrong}");
        }
        assert_eq!(upload(&mut photos, png(1600, 800, 5000).into()).unwrap(), photo, "the same file is the same photo");
        let small = upload(&mut photos, png(50, 60, 100).into()).unwrap();
        assert_eq!((sizes(&photos, small).len(), small.number), (1, 2));
    }
}
