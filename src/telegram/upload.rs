//! Uploads: the only calls that are not JSON, and the only ones that need longer than the others. A file is written as it is
//! read and is never whole in memory.

use std::time::Duration;

use futures_lite::AsyncBufRead;
use futures_lite::AsyncReadExt as _;
use futures_lite::io::Cursor;
use serde::Serialize;
use serde_json::Value;

use super::error::{CallError, Class};
use super::multipart::{self, Form, Part};
use super::{Api, CALL_DEADLINE, Reply};

/// The slowest line on which an upload is still waited for, in bytes a second.
const SLOWEST_LINE: u64 = 32 * 1024;

/// How long an upload of `bytes` may take as a whole: a call's usual deadline and the time that the bytes need at 32 KiB a
/// second, about five and a half minutes for 10 MB. An upload that is given up is in doubt, so patience is the cheaper mistake.
#[must_use]
pub fn upload_deadline(bytes: u64) -> Duration {
    CALL_DEADLINE + Duration::from_secs(bytes / SLOWEST_LINE)
}

/// A file that is uploaded.
pub struct File<'a> {
    name: &'a str,
    mime: &'a str,
    size: u64,
    seed: &'a [u8],
    reader: Box<dyn AsyncBufRead + Send + Sync + Unpin + 'static>,
}

impl std::fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File").field("size", &self.size).finish_non_exhaustive()
    }
}

impl<'a> File<'a> {
    /// A small file, which is copied.
    pub(super) fn of_bytes(bytes: &'a [u8], name: &'a str, mime: &'a str) -> Self {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { name, mime, size, seed: bytes, reader: Box::new(Cursor::new(bytes.to_vec())) }
    }

    /// A file of `size` bytes, called `name`, that is read while it is sent. `seed` is something that whoever made the file
    /// could not know: from it the form's boundary is made.
    #[must_use]
    pub fn streamed(
        reader: impl AsyncBufRead + Send + Sync + Unpin + 'static,
        (name, mime): (&'a str, &'a str),
        size: u64,
        seed: &'a [u8; 16],
    ) -> Self {
        Self { name, mime, size, seed, reader: Box::new(reader) }
    }
}

impl Api {
    /// A call with a form: the fields of `what`, and the file in the field `field`.
    pub(super) async fn upload(
        &self,
        method: &'static str,
        what: &impl Serialize,
        field: &'static str,
        file: File<'_>,
    ) -> Result<Reply, CallError> {
        let Ok(Value::Object(fields)) = serde_json::to_value(what) else {
            let reason = "the request could not be written as a form".to_owned();
            return Err(CallError { method, class: Class::NotSent { reason } });
        };
        let part = Part { name: field, file_name: file.name, mime: file.mime, seed: file.seed };
        let Form { content_type, head, tail } = multipart::form(&fields, part);
        let around = head.len().saturating_add(tail.len());
        let length = usize::try_from(file.size).unwrap_or(usize::MAX).saturating_add(around);
        let whole = Cursor::new(head).chain(file.reader).chain(Cursor::new(tail));
        let body = surf::Body::from_reader(whole, Some(length));
        self.call(method, &content_type, body, upload_deadline(file.size)).await
    }
}
