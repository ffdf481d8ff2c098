//! What is wrong with a request of the API, each with its stable word. What actions refuse comes along with the API's names.

use super::super::Problem;
use crate::actions::{self, Refusal};
use crate::model::api_key::Need;

/// The challenge that every 401 carries (RFC 6750, section 3).
const CHALLENGE: &str = "Bearer realm=\"startlink\"";

/// 401 without a key.
pub(in crate::web) fn no_key() -> Problem {
    let text = "This needs a key: send the header \"Authorization: Bearer slk_...\". A key is made on the page \"API keys\" or \
                by \"startlink key create\".";
    Problem::told(401, "no_key", "Who asks?", text).with_header("www-authenticate", CHALLENGE)
}

/// 401 with a key that opens nothing. What is wrong with it is not told to strangers.
pub(in crate::web) fn wrong_key() -> Problem {
    let text = "This key opens nothing here: it was mistyped, was revoked, or has ended.";
    Problem::told(401, "wrong_key", "This key does not fit", text)
        .with_header("www-authenticate", format!("{CHALLENGE}, error=\"invalid_token\""))
}

/// 403 with a key that may not do this.
pub(in crate::web) fn scope(need: Need) -> Problem {
    let text = format!("This key may not do this: it misses the scope \"{need}\".");
    Problem::told(403, "missing_scope", "This is not allowed", text)
        .with_header("www-authenticate", format!("{CHALLENGE}, error=\"insufficient_scope\", scope=\"{need}\""))
}

/// 422 about a field.
pub(super) fn invalid(field: impl Into<String>, text: impl Into<String>) -> Problem {
    Problem::told(422, "invalid", "This needs another look", text).about(field.into())
}

/// 422 about a field that has to be there.
pub(super) fn missing(field: &str) -> Problem {
    let text = format!("The field \"{field}\" is missing. Nothing was changed.");
    Problem::told(422, "missing_field", "Something is missing", text).about(field.to_owned())
}

/// 422 about a field that does not exist.
pub(super) fn unknown_field(field: &str) -> Problem {
    let text = format!("There is no field \"{field}\" here. Nothing was changed.");
    Problem::told(422, "unknown_field", "This field is not known", text).about(field.to_owned())
}

/// 400 about a body that is no JSON.
pub(super) fn bad_json(text: impl Into<String>) -> Problem {
    Problem::told(400, "bad_json", "This is no JSON", text)
}

/// 400 about a member that stands there twice.
pub(super) fn twice(field: &str) -> Problem {
    let text =
        format!("The field \"{field}\" stands here twice, and only one of them could count. Nothing was changed.");
    Problem::told(400, "duplicate_field", "This field is told twice", text).about(field.to_owned())
}

/// 409 while a request of the same name runs.
pub(super) fn running() -> Problem {
    let text = "A request with this Idempotency-Key is being carried out. Ask again in a moment.";
    Problem::told(409, "in_progress", "One moment", text).with_header("retry-after", "1")
}

/// 422 for a name that was used for something else.
pub(super) fn other_request() -> Problem {
    let text =
        "This Idempotency-Key was used for another request within the last day. Choose a new one. Nothing was changed.";
    Problem::told(422, "idempotency_mismatch", "This was another request", text).about("Idempotency-Key")
}

/// What an action refused, under the API's names of its fields.
pub(super) fn refused(error: actions::Error, names: &[(&'static str, &'static str)]) -> Problem {
    match error {
        actions::Error::Refused(refusal) => {
            let own = |field| names.iter().find(|(theirs, _)| *theirs == field).map_or(field, |(_, ours)| *ours);
            Refusal { field: refusal.field.map(own), ..refusal }.into()
        }
        actions::Error::Store(error) => error.into(),
    }
}
