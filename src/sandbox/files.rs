//! Files as Telegram keeps them: the identifiers they are sent by from their first upload on, what `getFile` tells of them,
//! and their bytes, of which only so many are held.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use multer::bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::refusal::Refusal;

/// Bytes of files that are kept; the oldest files go first, and their identifiers stay valid.
const KEPT: usize = 256 * 1024 * 1024;
/// The largest file that bots can fetch (Bot API, `getFile`).
const LARGEST_DOWNLOAD: usize = 20 * 1024 * 1024;

/// What a file is sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A picture in a message.
    Photo,
    /// Any file.
    Document,
    /// A voice message.
    Voice,
    /// A piece of music.
    Audio,
    /// A video.
    Video,
}

impl FileKind {
    /// The number that Telegram's identifiers begin with, the letters of the sizes, and the folder in `file_path`.
    fn marks(self) -> (u8, &'static [u8], &'static str) {
        match self {
            Self::Photo => (2, b"smxyw", "photos"),
            Self::Document => (5, b"d", "documents"),
            Self::Voice => (3, b"v", "voice"),
            Self::Audio => (9, b"a", "music"),
            Self::Video => (4, b"o", "videos"),
        }
    }

    /// The word in Telegram's descriptions.
    fn word(self) -> &'static str {
        match self {
            Self::Photo => "Photo",
            Self::Document => "Document",
            Self::Voice => "VoiceNote",
            Self::Audio => "Audio",
            Self::Video => "Video",
        }
    }
}

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredFile {
    /// Counts uploads from 1; the phone pages fetch it by this.
    pub number: u64,
    /// What it is sent as.
    pub kind: FileKind,
    /// What its sender called it.
    pub name: Option<String>,
    /// Its media type.
    pub mime: String,
    /// Its length.
    pub bytes: usize,
    /// How long it plays, in seconds.
    pub duration: Option<u32>,
    /// Pixels from left to right.
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    pub height: Option<u32>,
}

impl StoredFile {
    /// A file about to be kept.
    #[must_use]
    pub fn new(kind: FileKind, mime: &str) -> Self {
        let mime = mime.to_owned();
        Self { number: 0, kind, name: None, mime, bytes: 0, duration: None, width: None, height: None }
    }
}

struct Kept {
    about: StoredFile,
    digest: [u8; 32],
    /// Absent once the room was needed for newer ones, or when files were forgotten.
    content: Option<Bytes>,
}

/// All files of a bot.
pub struct Files {
    /// Goes into every identifier, so that those of another bot mean nothing here.
    bot: i64,
    list: VecDeque<Kept>,
    bytes: usize,
}

impl Files {
    /// No files yet.
    #[must_use]
    pub fn new(bot: i64) -> Self {
        Self { bot, list: VecDeque::new(), bytes: 0 }
    }

    /// Takes a file; the same one again is the same file.
    pub fn keep(&mut self, about: StoredFile, content: Bytes) -> StoredFile {
        let digest = Sha256::digest(&content).into();
        let (bytes, newest) = (content.len(), self.list.back().map_or(0, |newest| newest.about.number));
        let same = |kept: &&mut Kept| {
            kept.digest == digest && kept.about == StoredFile { number: kept.about.number, bytes, ..about.clone() }
        };
        if let Some(known) = self.list.iter_mut().find(same) {
            if known.content.is_none() {
                self.bytes += bytes;
                known.content = Some(content);
            }
            return known.about.clone();
        }
        let about = StoredFile { number: newest + 1, bytes, ..about };
        self.bytes += bytes;
        self.list.push_back(Kept { about: about.clone(), digest, content: Some(content) });
        for old in &mut self.list {
            if self.bytes <= KEPT {
                break;
            }
            self.bytes -= old.content.take().map_or(0, |content| content.len());
        }
        about
    }

    /// Drops the bytes of every file; what knows their identifiers finds them gone.
    pub fn forget(&mut self) {
        for kept in &mut self.list {
            kept.content = None;
        }
        self.bytes = 0;
    }

    /// The file that an identifier names.
    #[must_use]
    pub fn find(&self, file_id: &str) -> Option<&StoredFile> {
        self.named(file_id).map(|(kept, _)| &kept.about)
    }

    /// The file that an identifier names, to be sent as one kind or another.
    pub fn find_as(&self, file_id: &str, kind: FileKind) -> Result<&StoredFile, Refusal> {
        let found = self.find(file_id).ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))?;
        // Telegram sends every kind of document as what it is, and keeps photos apart from them.
        if (found.kind == FileKind::Photo) == (kind == FileKind::Photo) {
            return Ok(found);
        }
        Err(Refusal::bad(&format!("can't use file of type {} as {}", found.kind.word(), kind.word())))
    }

    fn named(&self, file_id: &str) -> Option<(&Kept, u8)> {
        let name = BASE64.decode(file_id).ok()?;
        let number = u64::from_be_bytes(name.get(3..11)?.try_into().ok()?);
        let letter = *name.get(11)?;
        let kept = self.get(number)?;
        let (_, letters, _) = kept.about.kind.marks();
        let known = letters.contains(&letter) && self.file_id(&kept.about, letter) == file_id;
        known.then_some((kept, letter))
    }

    /// A file's description and its bytes.
    #[must_use]
    pub fn content(&self, number: u64) -> Option<(&StoredFile, Bytes)> {
        let kept = self.get(number)?;
        Some((&kept.about, kept.content.clone()?))
    }

    fn get(&self, number: u64) -> Option<&Kept> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.list.get(place)
    }

    fn file_id(&self, file: &StoredFile, letter: u8) -> String {
        let (kind, _, _) = file.kind.marks();
        let name = [&file.number.to_be_bytes()[..], &[letter]].concat();
        let seal = Sha256::new().chain_update(self.bot.to_be_bytes()).chain_update(&name).finalize();
        let seal: Vec<u8> = seal.iter().take(24).copied().collect();
        BASE64.encode([&[kind, 0x00, 0x02][..], &name, &seal].concat())
    }

    /// `file_id` and `file_unique_id` of a file, or of one size of a photo.
    #[must_use]
    pub fn identifiers(&self, file: &StoredFile, size: Option<u8>) -> (String, String) {
        let (_, letters, _) = file.kind.marks();
        let letter = size.or_else(|| letters.last().copied()).unwrap_or(b'd');
        let unique = Sha256::new().chain_update(file.number.to_be_bytes()).chain_update([letter]).finalize();
        let unique: Vec<u8> = unique.iter().take(11).copied().collect();
        (self.file_id(file, letter), BASE64.encode(unique))
    }

    /// `getFile`: what the file of an identifier is called on the server, which is where it is fetched from.
    pub fn describe(&self, file_id: &str) -> Result<String, Refusal> {
        let (kept, letter) = self.named(file_id).ok_or_else(|| Refusal::bad("invalid file_id"))?;
        if kept.about.bytes > LARGEST_DOWNLOAD {
            return Err(Refusal::bad("file is too big"));
        }
        if kept.content.is_none() {
            return Err(Refusal::bad("wrong file_id or the file is temporarily unavailable"));
        }
        let (file_id, unique) = self.identifiers(&kept.about, Some(letter));
        Ok(serde_json::json!({
            "file_id": file_id,
            "file_unique_id": unique,
            "file_size": kept.about.bytes,
            "file_path": path(&kept.about),
        })
        .to_string())
    }

    /// The file at a path that `describe` told.
    #[must_use]
    pub fn at(&self, folder: &str, name: &str) -> Option<(&StoredFile, Bytes)> {
        let number = name.strip_prefix("file_")?.split('.').next()?.parse().ok()?;
        self.content(number).filter(|(file, _)| path(file) == format!("{folder}/{name}"))
    }
}

fn path(file: &StoredFile) -> String {
    let (_, _, folder) = file.kind.marks();
    let own =
        file.name.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase());
    let plain = own.filter(|own| (1..=8).contains(&own.len()) && own.bytes().all(|b| b.is_ascii_alphanumeric()));
    let ending = plain.unwrap_or_else(|| ending_of(&file.mime).to_owned());
    format!("{folder}/file_{}.{ending}", file.number)
}

/// Endings of names and the media types they stand for.
const ENDINGS: [(&str, &str); 14] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("json", "application/json"),
    ("zip", "application/zip"),
    ("oga", "audio/ogg"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("bin", "application/octet-stream"),
];

fn ending_of(mime: &str) -> &'static str {
    ENDINGS.iter().find(|(_, own)| *own == mime).map_or("bin", |(ending, _)| ending)
}

/// The media type that a file's name stands for.
#[must_use]
pub fn mime_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    ENDINGS.iter().find(|(own, _)| *own == ending).map_or("application/octet-stream", |(_, mime)| mime)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(name: &str) -> StoredFile {
        StoredFile { name: Some(name.to_owned()), ..StoredFile::new(FileKind::Document, mime_of(name)) }
    }

    #[test]
    fn a_file_has_one_identifier_for_its_bot_and_says_where_it_is_fetched() {
        let (mut files, mut others) = (Files::new(1), Files::new(2));
        let file = files.keep(document("Report.PDF"), Bytes::from_static(b"%PDF"));
        others.keep(document("Report.PDF"), Bytes::from_static(b"%PDF"));
        assert_eq!(files.keep(document("Report.PDF"), Bytes::from_static(b"%PDF")), file, "the same is the same");
        assert_eq!(files.keep(document("b.pdf"), Bytes::from_static(b"%PDF")).number, 2, "a name is part of a file");
        let (id, unique) = files.identifiers(&file, None);
        assert!(id.starts_with("BQAC") && !unique.is_empty());
        assert_eq!((files.find(&id), others.find(&id)), (Some(&file), None));
        let described: serde_json::Value = serde_json::from_str(&files.describe(&id).unwrap()).unwrap();
        assert_eq!((&described["file_path"], &described["file_size"]), (&"documents/file_1.pdf".into(), &4.into()));
        assert!(files.at("documents", "file_1.pdf").is_some() && files.at("photos", "file_1.pdf").is_none());
        files.forget();
        let gone = files.describe(&id).unwrap_err().description;
        assert_eq!(gone, "Bad Request: wrong file_id or the file is temporarily unavailable");
        assert!(files.find(&id).is_some() && files.bytes == 0);
        files.keep(document("Report.PDF"), Bytes::from_static(b"%PDF"));
        assert!(files.describe(&id).is_ok(), "uploaded again, it is there again");
    }

    #[test]
    fn files_above_20_mb_cannot_be_fetched_and_the_oldest_make_room() {
        let mut files = Files::new(1);
        let largest = Bytes::from(vec![0; LARGEST_DOWNLOAD + 1]);
        let fits = files.keep(document("fits"), largest.slice(1..));
        let (fitting, _) = files.identifiers(&fits, None);
        assert!(files.describe(&fitting).is_ok());
        for n in 0..13 {
            files.keep(document(&format!("{n}")), largest.clone());
        }
        assert!(files.bytes <= KEPT && files.content(1).is_none() && files.content(14).is_some());
        let (id, _) = files.identifiers(&files.content(14).unwrap().0.clone(), None);
        assert_eq!(files.describe(&id).unwrap_err().description, "Bad Request: file is too big");
    }
}
