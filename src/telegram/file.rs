//! Files that people sent: asked for by their identifier, then downloaded as they come and never whole in memory.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use surf::http::Method;

use super::error::{CallError, Class};
use super::{Api, CALL_DEADLINE};
use crate::runtime;
use crate::wire::Streamed;

/// The largest file that Telegram serves to bots (Bot API, `getFile`), in bytes.
pub const SERVED_MAX: u64 = 20 * 1024 * 1024;
/// How long Telegram may send nothing in the middle of a file.
const SILENCE: Duration = Duration::from_secs(30);
/// Telegram's words for a file that it does not serve because of its size.
const TOO_BIG: &str = "file is too big";

/// Why a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoFile {
    /// Telegram does not serve it to bots.
    #[error("Telegram serves bots files of at most 20 MB, and this one is larger.")]
    TooBig,
    /// Telegram does not have it, or not for this bot.
    #[error("Telegram does not have this file any more.")]
    Gone,
    /// Telegram did not answer as it should; later it may.
    #[error("Telegram cannot be reached just now.")]
    Unreachable,
}

/// A file on its way.
pub struct Fetched {
    /// Its bytes as they come; the length is told where Telegram told it.
    pub body: surf::Body,
}

#[derive(Serialize)]
struct GetFile<'a> {
    file_id: &'a str,
}

/// Where a file is (Bot API, `File`).
#[derive(Deserialize)]
struct Place {
    file_path: Option<String>,
}

impl Api {
    /// Finds a file by its identifier and begins to download it (Bot API, `getFile`).
    pub async fn fetch(&self, file_id: &str) -> Result<Fetched, NoFile> {
        let reply = self.post("getFile", &GetFile { file_id }, CALL_DEADLINE).await.map_err(|error| why(&error))?;
        let place: Place = reply.result().map_err(|error| why(&error))?;
        let path = place.file_path.filter(|path| !path.is_empty()).ok_or(NoFile::Gone)?;
        match runtime::timeout(CALL_DEADLINE, self.download(&path)).await {
            Ok(fetched) => fetched,
            Err(runtime::TimedOut) => Err(NoFile::Unreachable),
        }
    }

    async fn download(&self, path: &str) -> Result<Fetched, NoFile> {
        let mut url = self.0.files.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path.split('/').filter(|part| !part.is_empty()));
        }
        let mut request = surf::http::Request::new(Method::Get, url);
        request.ext_mut().insert(Streamed { silence: SILENCE });
        let mut response = self.0.client.send(request).await.map_err(|error| {
            log::warn!("a file could not be fetched from Telegram: {}", self.fault(&error));
            NoFile::Unreachable
        })?;
        match u16::from(response.status()) {
            200 => Ok(Fetched { body: response.take_body() }),
            400 | 404 | 410 => Err(NoFile::Gone),
            status => {
                log::warn!(status = status; "Telegram did not serve a file");
                Err(NoFile::Unreachable)
            }
        }
    }
}

fn why(error: &CallError) -> NoFile {
    if let Class::Content { description } | Class::Rejected { description, .. } = &error.class {
        return if description.to_lowercase().contains(TOO_BIG) { NoFile::TooBig } else { NoFile::Gone };
    }
    log::warn!("Telegram was asked for a file in vain: {error}");
    NoFile::Unreachable
}
