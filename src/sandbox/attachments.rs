//! What people attach to their messages: files with a caption, places, cards.

use multer::bytes::Bytes;

use super::acts::ActError;
use super::entities;
use super::files::{FileKind, StoredFile, mime_of};
use super::messages::Attached;
use super::photos;
use super::world::{Moment, World};
use super::writing::Draft;

/// Something to attach. A media type that is empty is taken from the name; durations are in seconds.
#[derive(Clone, Debug, PartialEq)]
pub enum Attachment {
    /// A picture.
    Photo {
        /// A JPEG, PNG or WebP file.
        bytes: Vec<u8>,
        /// The text under it, which may be empty.
        caption: String,
    },
    /// Any file.
    Document {
        /// The file's name.
        name: String,
        /// Its media type, or nothing.
        mime: String,
        /// The file.
        bytes: Vec<u8>,
        /// The text under it, which may be empty.
        caption: String,
    },
    /// A voice message.
    Voice {
        /// An OGG file with OPUS, as clients record it; it is not looked into.
        bytes: Vec<u8>,
        /// How long it plays.
        duration: u32,
        /// The text under it, which may be empty.
        caption: String,
    },
    /// A piece of music.
    Audio {
        /// The file's name.
        name: String,
        /// Its media type, or nothing.
        mime: String,
        /// The file.
        bytes: Vec<u8>,
        /// How long it plays.
        duration: u32,
        /// The text under it, which may be empty.
        caption: String,
    },
    /// A video.
    Video {
        /// The file's name.
        name: String,
        /// Its media type, or nothing.
        mime: String,
        /// The file.
        bytes: Vec<u8>,
        /// How long it plays.
        duration: u32,
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
        /// The text under it, which may be empty.
        caption: String,
    },
    /// A place on the map.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
    },
    /// Somebody's card.
    Contact {
        /// With or without the plus sign.
        phone_number: String,
        /// First name.
        first_name: String,
        /// The user id, when the person uses Telegram.
        user_id: Option<i64>,
    },
}

impl World {
    /// Puts what a person attached into a chat.
    pub(super) fn attach_in(
        &mut self,
        chat: i64,
        person: i64,
        reply_to: Option<i64>,
        attachment: Attachment,
        moment: Moment,
    ) -> Result<i64, ActError> {
        let draft = self.draft(attachment)?;
        self.write(chat, person, Draft { reply_to, ..draft }, moment)
    }

    fn draft(&mut self, attachment: Attachment) -> Result<Draft, ActError> {
        match attachment {
            Attachment::Photo { bytes, caption } => {
                let text = fitting(&caption)?;
                let photo = photos::upload(&mut self.files, Bytes::from(bytes)).map_err(|_| ActError::BadFile)?;
                Ok(Draft { photo: Some(photo), ..Draft::text(text) })
            }
            Attachment::Document { name, mime, bytes, caption } => {
                self.file(named(FileKind::Document, name, &mime), bytes, &caption)
            }
            Attachment::Voice { bytes, duration, caption } => {
                let about = StoredFile::new(FileKind::Voice, "audio/ogg");
                self.file(StoredFile { duration: Some(duration), ..about }, bytes, &caption)
            }
            Attachment::Audio { name, mime, bytes, duration, caption } => {
                let about = named(FileKind::Audio, name, &mime);
                self.file(StoredFile { duration: Some(duration), ..about }, bytes, &caption)
            }
            Attachment::Video { name, mime, bytes, duration, width, height, caption } => {
                let (duration, width, height) = (Some(duration), Some(width), Some(height));
                let about = named(FileKind::Video, name, &mime);
                self.file(StoredFile { duration, width, height, ..about }, bytes, &caption)
            }
            Attachment::Location { latitude, longitude } => {
                Ok(Draft { attached: Some(Attached::Location { latitude, longitude }), ..Draft::default() })
            }
            Attachment::Contact { phone_number, first_name, user_id } => {
                let card = Attached::Contact { phone_number, first_name, user_id };
                Ok(Draft { attached: Some(card), ..Draft::default() })
            }
        }
    }

    fn file(&mut self, about: StoredFile, bytes: Vec<u8>, caption: &str) -> Result<Draft, ActError> {
        let text = fitting(caption)?;
        if bytes.is_empty() {
            return Err(ActError::BadFile);
        }
        let file = self.files.keep(about, Bytes::from(bytes));
        Ok(Draft { attached: Some(Attached::File(file)), ..Draft::text(text) })
    }
}

/// A file with a name, and the media type that was given or follows from it.
pub(super) fn named(kind: FileKind, name: String, mime: &str) -> StoredFile {
    let mime = if mime.is_empty() { mime_of(&name) } else { mime };
    StoredFile { name: Some(name), ..StoredFile::new(kind, mime) }
}

fn fitting(caption: &str) -> Result<&str, ActError> {
    let caption = caption.trim();
    if entities::units(caption) <= 1024 { Ok(caption) } else { Err(ActError::BadCaption) }
}
