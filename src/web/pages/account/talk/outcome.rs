//! What became of a message of the conversation, in words.

use crate::ids::DeliveryId;
use crate::model::change::{Change, Deed, Progress};
use crate::model::delivery::{Delivery, DeliveryState, Standing};

/// What became of a message, over all its chats.
pub(in crate::web) struct Outcome {
    pub(in crate::web) standing: Standing,
    pub(super) words: String,
    /// Whether it stands on a phone and can be changed there.
    pub(super) on_phones: bool,
}

/// The standings from the one that most needs a look to the one that least does.
const BY_WEIGHT: [Standing; 8] = [
    Standing::Failed,
    Standing::Expired,
    Standing::Uncertain,
    Standing::Queued,
    Standing::Sending,
    Standing::Cancelled,
    Standing::Skipped,
    Standing::Sent,
];

impl Outcome {
    /// Of one delivery its own; of several the one that most needs a look, and how many share it.
    pub(in crate::web) fn of(rows: &[(DeliveryId, Delivery)]) -> Option<Self> {
        let standing_of = |(_, delivery): &(DeliveryId, Delivery)| delivery.state.standing();
        let standing = BY_WEIGHT.into_iter().find(|standing| rows.iter().any(|row| standing_of(row) == *standing))?;
        let same: Vec<_> = rows.iter().filter(|row| standing_of(row) == standing).collect();
        let mut words: Vec<String> = same.first().map(|(_, delivery)| reason(delivery)).into_iter().flatten().collect();
        if rows.len() > 1 {
            words.push(format!("{} of {} chats", same.len(), rows.len()));
        }
        let stands = |row: &Delivery| row.state.standing() == Standing::Sent && !row.is_deleted();
        let on_phones = rows.iter().any(|(_, row)| stands(row));
        Some(Self { standing, words: words.join("; "), on_phones })
    }
}

fn reason(delivery: &Delivery) -> Vec<String> {
    let mut words = Vec::new();
    match &delivery.state {
        DeliveryState::Failed { reason, .. } => words.push(reason.to_string()),
        DeliveryState::Uncertain { .. } => words.push("it left, and no answer came back".to_owned()),
        DeliveryState::Expired { .. } => words.push("it could not be sent in time".to_owned()),
        DeliveryState::Skipped { .. } => words.push("the chat was gone by then".to_owned()),
        DeliveryState::Queued { .. }
        | DeliveryState::Sending { .. }
        | DeliveryState::Sent { .. }
        | DeliveryState::Cancelled { .. } => {}
    }
    let doubtful = !matches!(delivery.state, DeliveryState::Uncertain { .. });
    if delivery.is_possible_duplicate() && doubtful {
        words.push("may have arrived twice".to_owned());
    }
    if delivery.as_plain {
        words.push("without its markup, which Telegram could not read".to_owned());
    }
    words.extend(delivery.change.iter().flat_map(changed));
    words
}

/// What was done with it after it was sent.
fn changed(change: &Change) -> Vec<String> {
    let edited = || change.edited.map(|_| "edited".to_owned());
    let last = match (change.deed, &change.progress) {
        (Deed::Edit, Progress::Waiting { .. }) => Some("being edited".to_owned()),
        // That a question was answered is told beside it.
        (Deed::Edit, Progress::Done { .. }) | (Deed::Mark, _) => None,
        (Deed::Edit, Progress::Failed { reason, .. }) => Some(format!("not edited: {reason}")),
        (Deed::Edit, Progress::Uncertain { .. }) => Some("perhaps edited: no answer came back".to_owned()),
        (Deed::Delete, Progress::Waiting { .. }) => Some("being deleted".to_owned()),
        (Deed::Delete, Progress::Done { .. }) => return vec!["deleted on the phone".to_owned()],
        (Deed::Delete, Progress::Failed { reason, .. }) => Some(format!("not deleted: {reason}")),
        (Deed::Delete, Progress::Uncertain { .. }) => Some("perhaps deleted: no answer came back".to_owned()),
    };
    edited().into_iter().chain(last).collect()
}
