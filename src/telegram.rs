//! The Bot API client over surf: calls with a deadline, answers as types, errors as classes one can act on.
//! The token's URL is built here and nowhere else; no error carries the URL or the token.

mod answer;
mod connector;
mod document;
mod edit;
mod error;
mod file;
mod media;
mod methods;
mod multipart;
mod photo;
mod token;
mod types;
mod update;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use surf::http::{Method, Url};

use crate::runtime;
use crate::wire;

pub use answer::Batch;
pub use connector::{BadConnection, Connector};
pub use document::{SendDocument, SentDocument};
pub use edit::{EditCaption, EditText};
pub use error::{CallError, Class, Conflict};
pub use file::{Fetched, NoFile, SERVED_MAX};
pub use methods::{Command, GetUpdates, Manner, SendMessage, SentMessage};
pub use photo::{PhotoSource, SendPhoto, SentPhoto};
pub use token::{NoToken, Token};
pub use types::{
    BotInfo, CallbackMessage, CallbackQuery, Chat, ChatKind, Content, MediaKind, MemberStatus, MembershipChange,
    Message, User, WebhookInfo,
};
pub use update::{ALLOWED_UPDATES, Update, UpdateKind};
pub use upload::{File, upload_deadline};

/// How long a call may take, from asking for a connection to the last byte of the answer. Uploads: [`upload_deadline`].
pub const CALL_DEADLINE: Duration = Duration::from_secs(20);
/// What a poll may take on top of the timeout that Telegram was asked for.
pub const POLL_GRACE: Duration = Duration::from_secs(15);

/// The address of a Bot API server cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the Telegram API URL must be http:// or https:// with a host, without a query: for example https://api.telegram.org"
)]
pub struct BadApiUrl;

/// A bot at a Bot API server. Cheap to clone; a clone shares the connections.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    client: surf::Client,
    /// `.../bot<token>`; a call adds its method's name.
    base: Url,
    /// `.../file/bot<token>`; a download adds the file's path.
    files: Url,
    token: Token,
}

/// A server's address, checked: the token is added to its path later.
fn base(api_url: &str) -> Result<Url, BadApiUrl> {
    let url = Url::parse(api_url.trim()).map_err(|_| BadApiUrl)?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.has_host() && !url.cannot_be_a_base();
    if plain && matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(BadApiUrl) }
}

/// One complete answer, understood or not.
struct Reply {
    method: &'static str,
    status: u16,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Api(bot {})", self.0.token.bot())
    }
}

impl Api {
    /// A client of the server at `api_url`, for the bot of `token`.
    /// The client must come without middleware: a redirect or a retry in between would hide what was sent.
    pub fn new(client: surf::Client, api_url: &str, token: Token) -> Result<Self, BadApiUrl> {
        Ok(Self::at(client, &base(api_url)?, token))
    }

    fn at(client: surf::Client, server: &Url, token: Token) -> Self {
        let bot = format!("bot{}", token.secret().expose());
        let (mut base, mut files) = (server.clone(), server.clone());
        if let Ok(mut segments) = base.path_segments_mut() {
            segments.pop_if_empty().push(&bot);
        }
        if let Ok(mut segments) = files.path_segments_mut() {
            segments.pop_if_empty().extend(["file", &bot]);
        }
        Self(Arc::new(Inner { client, base, files, token }))
    }

    /// The bot this client speaks for.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.0.token
    }

    /// One call with JSON; `Err` when nothing that can be called an answer came back in time.
    async fn post(&self, method: &'static str, body: &impl Serialize, deadline: Duration) -> Result<Reply, CallError> {
        let json = serde_json::to_vec(body).map_err(|error| CallError {
            method,
            class: Class::NotSent { reason: format!("the request could not be written as JSON: {error}") },
        })?;
        self.call(method, "application/json", surf::Body::from_bytes(json), deadline).await
    }

    /// [`Api::post`] with a body of any type.
    async fn call(
        &self,
        method: &'static str,
        content_type: &str,
        body: surf::Body,
        deadline: Duration,
    ) -> Result<Reply, CallError> {
        match runtime::timeout(deadline, self.exchange(method, content_type, body)).await {
            Ok(Ok((status, bytes))) => Ok(Reply { method, status, bytes }),
            Ok(Err(class)) => Err(CallError { method, class }),
            Err(runtime::TimedOut) => {
                let reason = format!("no answer within {} s", deadline.as_secs_f64());
                Err(CallError { method, class: Class::Unknown { reason } })
            }
        }
    }

    async fn exchange(&self, method: &str, content_type: &str, body: surf::Body) -> Result<(u16, Vec<u8>), Class> {
        let mut url = self.0.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(method);
        }
        let mut request = surf::Request::new(Method::Post, url);
        request.set_body(body);
        request.set_header("content-type", content_type);
        let mut response = self.0.client.send(request).await.map_err(|error| self.fault(&error))?;
        // Once a status line was read, whatever breaks leaves the outcome open. The engine limits the length.
        let broken =
            |error: surf::Error| Class::Unknown { reason: self.scrub(&format!("the answer broke off: {error}")) };
        let bytes = response.take_body().into_bytes().await.map_err(broken)?;
        Ok((u16::from(response.status()), bytes))
    }

    /// Whether a request that failed had left: what the engine does not know for sure is unknown.
    fn fault(&self, error: &surf::Error) -> Class {
        match wire::fault(error) {
            Some(wire::Fault::NotSent { reason, .. }) => Class::NotSent { reason: self.scrub(reason) },
            Some(wire::Fault::Unknown { reason }) => Class::Unknown { reason: self.scrub(reason) },
            None => Class::Unknown { reason: self.scrub(&error.to_string()) },
        }
    }

    /// The text without the token, should a library have put the URL into its error.
    fn scrub(&self, text: &str) -> String {
        text.replace(self.0.token.secret().expose(), "[token]")
    }
}

#[cfg(test)]
mod tests;
