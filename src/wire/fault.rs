//! What a failed call means for the sender: surely not sent, or unknown.
//! Reasons are sentences for the log and never hold the URL, which carries the bot's token.

use std::error::Error as StdError;

use http_types::StatusCode;

use super::dial::DialError;

/// Why a call gave no whole answer. Travels inside `http_types::Error`; [`fault`] takes it out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No byte of the request was written: name resolution, connection, TLS, proxy, or a pooled connection that was dead.
    #[error("the request was not sent: {reason}")]
    NotSent {
        /// Where it went wrong.
        cause: Cause,
        /// What went wrong, without the URL.
        reason: String,
    },
    /// A byte may have been written and no whole answer came back, so the other side may have acted.
    #[error("the request may have been sent, and no whole answer came back: {reason}")]
    Unknown {
        /// What went wrong, without the URL.
        reason: String,
    },
}

/// Where a request that was not sent came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The host's name has no address.
    Resolve,
    /// An address may not be used.
    NotAllowed,
    /// No connection, also to a proxy.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// Connecting took too long.
    TooSlow,
    /// Something else.
    Other,
}

impl Cause {
    fn of(error: &(dyn StdError + 'static)) -> Self {
        match links(error).find_map(|link| link.downcast_ref::<DialError>()) {
            Some(DialError::Resolve(_) | DialError::NoAddress) => Self::Resolve,
            Some(DialError::NotAllowed) => Self::NotAllowed,
            Some(DialError::Connect(_) | DialError::Proxy(_)) => Self::Connect,
            Some(DialError::Tls(_)) => Self::Tls,
            Some(DialError::TooSlow(_)) => Self::TooSlow,
            Some(DialError::NoHost | DialError::NoTls) | None => Self::Other,
        }
    }
}

impl Fault {
    pub(super) fn into_error(self) -> http_types::Error {
        http_types::Error::new(StatusCode::BadGateway, self)
    }

    pub(super) fn not_sent(error: &(dyn StdError + 'static)) -> Self {
        Self::NotSent { cause: Cause::of(error), reason: chain(error) }
    }

    pub(super) fn unknown(error: &(dyn StdError + 'static)) -> Self {
        Self::Unknown { reason: chain(error) }
    }

    /// Sorts an error of the pooled client: connecting failed or the request was handed back untouched, or anything else.
    pub(super) fn of_call(error: &hyper_util::client::legacy::Error) -> Self {
        if error.is_connect() || was_canceled(error) { Self::not_sent(error) } else { Self::unknown(error) }
    }
}

/// The class of a failed call, when the engine raised the error.
#[must_use]
pub fn fault(error: &http_types::Error) -> Option<&Fault> {
    error.downcast_ref()
}

/// hyper hands a request back as canceled only when it was never taken for writing.
fn was_canceled(error: &(dyn StdError + 'static)) -> bool {
    links(error).any(|link| link.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled))
}

fn links<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |link: &&'a (dyn StdError + 'static)| (*link).source())
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for link in links(error) {
        let words = link.to_string();
        if text.ends_with(&words) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&words);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_class_travels_inside_an_http_error() {
        let not_sent = Fault::NotSent { cause: Cause::Connect, reason: "no route".into() };
        let error = not_sent.clone().into_error();
        assert_eq!(fault(&error), Some(&not_sent));
        assert_eq!(fault(&http_types::Error::from_str(500, "other")), None);
    }

    #[test]
    fn a_reason_names_every_link_of_the_chain_once() {
        let error = Outer(std::io::Error::other("inner"));
        assert_eq!(chain(&error), "outer: inner");
    }
}
