//! Photos as Telegram keeps them: what an upload has to be (Bot API, `sendPhoto`), the identifiers that it is sent by from
//! then on, and the sizes it is offered in. Pictures are kept as they came; a smaller size is only told, not made.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::picture::{self, Header};
use super::refusal::Refusal;

/// The largest photo, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;
/// The most that width and height may be together.
const LONGEST_SIDES: u32 = 10_000;
/// How many times longer than the other a side may be.
const STEEPEST: u32 = 20;
/// Bytes of pictures that are kept; the oldest pictures go first, and their identifiers stay valid.
const KEPT: usize = 256 * 1024 * 1024;
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

/// A file that was uploaded.
struct Kept {
    photo: Photo,
    digest: [u8; 32],
    mime: &'static str,
    /// Absent once the room was needed for newer ones.
    file: Option<Vec<u8>>,
}

/// All photos of a bot.
pub struct Photos {
    /// Goes into every identifier, so that those of another bot mean nothing here.
    bot: i64,
    list: VecDeque<Kept>,
    bytes: usize,
}

impl Photos {
    /// No photos yet.
    #[must_use]
    pub fn new(bot: i64) -> Self {
        Self { bot, list: VecDeque::new(), bytes: 0 }
    }

    /// Takes an upload; the same file again is the same photo.
    pub fn upload(&mut self, file: &[u8]) -> Result<Photo, Refusal> {
        let Header { mime, width, height } = check(file)?;
        let digest = Sha256::digest(file).into();
        if let Some(known) = self.list.iter_mut().find(|kept| kept.digest == digest) {
            if known.file.is_none() {
                self.bytes += file.len();
                known.file = Some(file.to_vec());
            }
            return Ok(known.photo);
        }
        let number = self.list.back().map_or(0, |newest| newest.photo.number) + 1;
        let photo = Photo { number, width, height, bytes: file.len() };
        self.bytes += file.len();
        self.list.push_back(Kept { photo, digest, mime, file: Some(file.to_vec()) });
        for old in &mut self.list {
            if self.bytes <= KEPT {
                break;
            }
            self.bytes -= old.file.take().map_or(0, |file| file.len());
        }
        Ok(photo)
    }

    /// The photo that one of its identifiers names.
    pub fn find(&self, file_id: &str) -> Result<Photo, Refusal> {
        let unknown = || Refusal::bad("wrong file identifier/HTTP URL specified");
        let name = BASE64.decode(file_id).map_err(|_| unknown())?;
        let number = name.get(3..11).and_then(|part| part.try_into().ok()).map(u64::from_be_bytes);
        let photo = number.and_then(|number| self.get(number)).map(|kept| kept.photo).ok_or_else(unknown)?;
        let known = SIZES.iter().any(|(letter, _)| self.file_id(photo.number, *letter) == file_id);
        if known { Ok(photo) } else { Err(unknown()) }
    }

    /// The file of a photo with its media type.
    #[must_use]
    pub fn file(&self, number: u64) -> Option<(&'static str, &[u8])> {
        let kept = self.get(number)?;
        Some((kept.mime, kept.file.as_deref()?))
    }

    fn get(&self, number: u64) -> Option<&Kept> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.list.get(place)
    }

    fn file_id(&self, number: u64, letter: u8) -> String {
        let name = [&number.to_be_bytes()[..], &[letter]].concat();
        let seal = Sha256::new().chain_update(self.bot.to_be_bytes()).chain_update(&name).finalize();
        let seal: Vec<u8> = seal.iter().take(24).copied().collect();
        BASE64.encode([&[0x02, 0x00, 0x02][..], &name, &seal].concat())
    }

    /// The sizes a photo is offered in, the smallest first. The largest is the photo itself, no side above 2,560 pixels.
    #[must_use]
    pub fn sizes(&self, photo: Photo) -> Vec<Size> {
        let longest = photo.width.max(photo.height);
        let mut sizes = Vec::new();
        for (letter, side) in SIZES {
            sizes.push(self.size(photo, letter, side.min(longest)));
            if side >= longest {
                break;
            }
        }
        if let Some(largest) = sizes.last_mut() {
            largest.bytes = photo.bytes;
        }
        sizes
    }

    fn size(&self, photo: Photo, letter: u8, side: u32) -> Size {
        let longest = photo.width.max(photo.height).max(1);
        let scale = |length: u32| {
            let scaled = u64::from(length) * u64::from(side) / u64::from(longest);
            u32::try_from(scaled).unwrap_or(length).max(1)
        };
        let (width, height) = (scale(photo.width), scale(photo.height));
        let unique = Sha256::new().chain_update(photo.number.to_be_bytes()).chain_update([letter]).finalize();
        let unique: Vec<u8> = unique.iter().take(11).copied().collect();
        // About what a compressed picture of that size has.
        let bytes = usize::try_from(width * height / 8 + 600).unwrap_or(0).min(photo.bytes);
        Size {
            file_id: self.file_id(photo.number, letter),
            file_unique_id: BASE64.encode(unique),
            bytes,
            width,
            height,
        }
    }

    /// `getFile`: what the file of an identifier is called on the server, which is where it is fetched from.
    pub fn describe(&self, file_id: &str) -> Result<String, Refusal> {
        let photo = self.find(file_id).map_err(|_| Refusal::bad("invalid file_id"))?;
        let size = self.sizes(photo).into_iter().find(|size| size.file_id == file_id);
        let size = size.ok_or_else(|| Refusal::bad("invalid file_id"))?;
        Ok(serde_json::json!({
            "file_id": size.file_id,
            "file_unique_id": size.file_unique_id,
            "file_size": photo.bytes,
            "file_path": format!("photos/file_{}.{}", photo.number, self.get(photo.number).map_or("jpg", Kept::ending)),
        })
        .to_string())
    }
}

impl Kept {
    fn ending(&self) -> &'static str {
        match self.mime {
            "image/png" => "png",
            "image/webp" => "webp",
            _ => "jpg",
        }
    }
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
        Photos::new(1).upload(file).unwrap_err().description.into_owned()
    }

    #[test]
    fn an_upload_has_to_be_a_photo_within_telegrams_limits() {
        let mut photos = Photos::new(1);
        photos.upload(&png(9000, 1000, LARGEST)).unwrap();
        photos.upload(&png(20, 1, 100)).unwrap();
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
        let mut photos = Photos::new(1);
        let photo = photos.upload(&png(1600, 800, 5000)).unwrap();
        let sizes = photos.sizes(photo);
        let pixels: Vec<_> = sizes.iter().map(|size| (size.width, size.height)).collect();
        assert_eq!(pixels, [(90, 45), (320, 160), (800, 400), (1280, 640), (1600, 800)]);
        assert_eq!(sizes.last().unwrap().bytes, 5000);
        let mut others = Photos::new(2);
        others.upload(&png(1600, 800, 5000)).unwrap();
        for size in &sizes {
            assert_eq!(photos.find(&size.file_id).unwrap(), photo);
            assert!(others.find(&size.file_id).is_err(), "another bot's");
        }
        for wrong in ["", "x", "AgACAgIAAx", "https://a.example/x.png"] {
            assert!(photos.find(wrong).is_err(), "{wrong}");
        }
        assert_eq!(photos.upload(&png(1600, 800, 5000)).unwrap(), photo, "the same file is the same photo");
        let small = photos.upload(&png(50, 60, 100)).unwrap();
        assert_eq!((photos.sizes(small).len(), small.number), (1, 2));
    }

    #[test]
    fn the_oldest_pictures_make_room_and_their_identifiers_stay() {
        let mut photos = Photos::new(1);
        let first = photos.upload(&png(100, 100, LARGEST)).unwrap();
        let id = photos.sizes(first).remove(0).file_id;
        for width in 0..26 {
            photos.upload(&png(101 + width, 100, LARGEST)).unwrap();
        }
        assert!(photos.bytes <= KEPT && photos.file(first.number).is_none());
        assert_eq!(photos.find(&id).unwrap(), first);
        photos.upload(&png(100, 100, LARGEST)).unwrap();
        assert!(photos.file(first.number).is_some());
    }
}
