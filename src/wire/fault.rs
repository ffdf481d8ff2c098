//! What a failed call means for the sender: surely not sent, or unknown.
//! Reasons are sentences for the log and never hold the URL, which carries the bot's token.

use std::error::Error as StdError;

use http_types::StatusCode;

/// Why a call gave no whole answer. Travels inside `http_types::Error`; [`fault`] takes it out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No byte of the request was written: name resolution, connection, TLS, proxy, or a pooled connection that was dead.
    #[error("the request was not sent: {reason}")]
    NotSent {
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

impl Fault {
    pub(super) fn into_error(self) -> http_types::Error {
        http_types::Error::new(StatusCode::BadGateway, self)
    }

    pub(super) fn not_sent(error: &(dyn StdError + 'static)) -> Self {
        Self::NotSent { reason: chain(error) }
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
        let error = Fault::NotSent { reason: "no route".into() }.into_error();
        assert_eq!(fault(&error), Some(&Fault::NotSent { reason: "no route".into() }));
        assert_eq!(fault(&http_types::Error::from_str(500, "other")), None);
    }

    #[test]
    fn a_reason_names_every_link_of_the_chain_once() {
        let error = Outer(std::io::Error::other("inner"));
        assert_eq!(chain(&error), "outer: inner");
    }
}
