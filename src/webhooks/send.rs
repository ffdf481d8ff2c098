//! One attempt: a signed request to the address that was checked, and what its answer means. Redirects are not followed, and of
//! the answer only the status and the wish for a pause are looked at.

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_lite::FutureExt as _;
use surf::http::Method;

use crate::actions::webhooks::{Ended, check_url};
use crate::clock::Clock;
use crate::config::WebhookAllow;
use crate::ids::EventId;
use crate::model::webhook::{Endpoint, Outcome, SigningSecret};
use crate::runtime;
use crate::secret::Hash;
use crate::store::webhooks::Turn;
use crate::wire::{self, Cause, Fault, Status};

/// Bytes of the hash in a message's name.
const MARK_BYTES: usize = 6;

/// What an attempt needs.
pub(super) struct Job {
    pub(super) turn: Turn,
    pub(super) url: String,
    /// The message's name: the same in each attempt.
    pub(super) message: String,
    pub(super) body: String,
    pub(super) secrets: Vec<SigningSecret>,
}

/// The name of an event's message to an endpoint. The moment is part of it: numbers come again after a backup was restored.
pub(super) fn message(endpoint: &Endpoint, event: EventId, at: crate::clock::Timestamp) -> String {
    let mark = Hash::of(format!("{} {} {}", endpoint.mark, event, at.0).as_bytes());
    mark.0.iter().take(MARK_BYTES).fold(format!("evt_{event}_"), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// Makes one attempt. One that panics ends too: otherwise its account would wait for ever, and so would a stop.
pub(super) async fn send(
    client: &surf::Client,
    (allow, deadline): (&WebhookAllow, Duration),
    clock: &Clock,
    job: &Job,
) -> Ended {
    let began = clock.elapsed();
    let (outcome, status, wish) = match runtime::timeout(deadline, guarded(exchange(client, allow, clock, job))).await {
        Ok(told) => told,
        Err(runtime::TimedOut) => (Outcome::TimedOut, None, None),
    };
    Ended { turn: job.turn, at: clock.now(), outcome, status, took: clock.elapsed().saturating_sub(began), wish }
}

type Told = (Outcome, Option<u16>, Option<Duration>);

async fn guarded(exchange: impl Future<Output = Told>) -> Told {
    AssertUnwindSafe(exchange).catch_unwind().await.unwrap_or((Outcome::Broken, None, None))
}

async fn exchange(client: &surf::Client, allow: &WebhookAllow, clock: &Clock, job: &Job) -> Told {
    // The configuration may have changed since the address was saved.
    let Ok(url) = check_url(allow, &job.url) else { return (Outcome::NotAllowed, None, None) };
    let mut request = surf::Request::new(Method::Post, url);
    request.set_body(surf::Body::from_bytes(job.body.clone().into_bytes()));
    for (name, value) in headers(job, clock.now().seconds()) {
        request.insert_header(name, value);
    }
    match client.send(request).await {
        Ok(response) => {
            let status = response.ext::<Status>().map_or_else(|| response.status().into(), |status| status.0);
            let wish = response.header("retry-after").and_then(|value| wish(value.as_str(), clock.now().seconds()));
            (class(status), Some(status), wish)
        }
        Err(error) => (fault(wire::fault(&error)), None, None),
    }
}

fn headers(job: &Job, seconds: i64) -> [(&'static str, String); 5] {
    let signatures: Vec<String> =
        job.secrets.iter().map(|secret| secret.sign(&job.message, seconds, &job.body)).collect();
    [
        ("content-type", "application/json".to_owned()),
        ("user-agent", concat!("startlink/", env!("CARGO_PKG_VERSION")).to_owned()),
        ("webhook-id", job.message.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ]
}

fn class(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Delivered,
        300..=399 => Outcome::Redirected,
        410 => Outcome::Gone,
        _ => Outcome::Refused,
    }
}

fn fault(fault: Option<&Fault>) -> Outcome {
    match fault {
        Some(Fault::NotSent { cause, .. }) => match cause {
            Cause::Resolve => Outcome::NoAddress,
            Cause::NotAllowed => Outcome::NotAllowed,
            Cause::Tls => Outcome::Tls,
            Cause::TooSlow => Outcome::TimedOut,
            Cause::Connect | Cause::Other => Outcome::NoConnection,
        },
        Some(Fault::Unknown { .. }) | None => Outcome::Broken,
    }
}

/// How long to wait: seconds, or until a date (RFC 9110, section 10.2.3).
fn wish(text: &str, now: i64) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second();
    u64::try_from(until.saturating_sub(now)).ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::store::webhooks::NOBODY;

    #[test]
    fn both_secrets_sign_during_a_rotation() {
        let secrets = vec![SigningSecret::random(&Rng::seeded(1)), SigningSecret::random(&Rng::seeded(2))];
        let signed: Vec<String> = secrets.iter().map(|secret| secret.sign("evt_1_a", 7, "{}")).collect();
        let turn = Turn { account: NOBODY, event: EventId(1) };
        let job = Job { turn, url: String::new(), message: "evt_1_a".into(), body: "{}".into(), secrets };
        let headers = headers(&job, 7);
        assert_eq!(headers[2..4], [("webhook-id", "evt_1_a".to_owned()), ("webhook-timestamp", "7".to_owned())]);
        assert_eq!(headers[4], ("webhook-signature", format!("{} {}", signed[0], signed[1])));
    }

    #[test]
    fn an_attempt_that_panics_ends() {
        let told = runtime::block_on(guarded(async { std::panic::panic_any("on purpose") }));
        assert_eq!(told, (Outcome::Broken, None, None));
    }

    #[test]
    fn only_2xx_is_a_success() {
        for status in [200, 201, 204, 299] {
            assert_eq!(class(status), Outcome::Delivered, "{status}");
        }
        assert_eq!([301, 304, 308].map(class), [Outcome::Redirected; 3]);
        assert_eq!([400, 404, 429, 500, 521].map(class), [Outcome::Refused; 5]);
        assert_eq!(class(410), Outcome::Gone);
    }

    #[test]
    fn a_wish_is_a_number_of_seconds_or_a_date() {
        assert_eq!(wish(" 120 ", 0), Some(Duration::from_mins(2)));
        assert_eq!(wish("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770), Some(Duration::from_secs(7)));
        assert_eq!(
            (wish("soon", 0), wish("-5", 0), wish("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_790)),
            (None, None, None)
        );
    }
}
