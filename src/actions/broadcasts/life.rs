//! The life of a broadcast as one pure function: what may be done to it in each state, and which state follows.

use crate::actions::Refusal;
use crate::clock::Timestamp;
use crate::model::broadcast::{BroadcastState, BroadcastStatus, Pause};

/// Something that is done to a broadcast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A person changes content, audience or options.
    Edit,
    /// A person throws it away.
    Remove,
    /// A person starts it.
    Start,
    /// A person lets it start by itself at this moment.
    Schedule(Timestamp),
    /// A person takes it off the schedule.
    Unschedule,
    /// Its moment came.
    Launch,
    /// It is to wait for a person.
    Pause(Pause),
    /// A person lets it go on.
    Resume {
        /// Whether its audience is complete.
        frozen: bool,
    },
    /// A person takes it back.
    Cancel,
    /// A person changes how fast it goes.
    SetRate,
    /// Its audience is complete.
    Freeze,
    /// The last outcome is known.
    Finish,
}

/// The state after `act`, or why it cannot be done.
pub fn after(state: &BroadcastState, act: &Act, now: Timestamp) -> Result<BroadcastState, Refusal> {
    use BroadcastState as State;
    match (act, state) {
        (Act::Edit, State::Draft | State::Scheduled { .. })
        | (Act::Remove, State::Draft)
        | (
            Act::SetRate,
            State::Draft | State::Scheduled { .. } | State::Preparing | State::Sending | State::Paused { .. },
        ) => Ok(state.clone()),
        (Act::Start, State::Draft | State::Scheduled { .. })
        | (Act::Launch, State::Scheduled { .. })
        | (Act::Resume { frozen: false }, State::Paused { .. }) => Ok(State::Preparing),
        (Act::Resume { frozen: true }, State::Paused { .. }) | (Act::Freeze, State::Preparing) => Ok(State::Sending),
        (Act::Schedule(at), State::Draft | State::Scheduled { .. }) => Ok(State::Scheduled { at: *at }),
        (Act::Unschedule, State::Scheduled { .. } | State::Paused { why: Pause::Missed(_), .. }) => Ok(State::Draft),
        (Act::Pause(why @ Pause::Missed(_)), State::Scheduled { .. })
        | (Act::Pause(why @ (Pause::Person | Pause::Markup(_))), State::Preparing | State::Sending) => {
            Ok(State::Paused { why: why.clone(), since: now })
        }
        (Act::Cancel, State::Scheduled { .. } | State::Preparing | State::Sending | State::Paused { .. }) => {
            Ok(State::Cancelled { at: now })
        }
        (Act::Finish, State::Preparing | State::Sending | State::Paused { .. }) => Ok(State::Done { at: now }),
        _ => Err(refusal(state, act)),
    }
}

/// Where it stands, and what that means for what was asked.
fn refusal(state: &BroadcastState, act: &Act) -> Refusal {
    let stands = match state.status() {
        BroadcastStatus::Draft => "This broadcast is a draft",
        BroadcastStatus::Scheduled => "This broadcast is scheduled",
        BroadcastStatus::Preparing | BroadcastStatus::Sending => "This broadcast was started already",
        BroadcastStatus::Paused => "This broadcast is paused",
        BroadcastStatus::Done => "This broadcast is done",
        BroadcastStatus::Cancelled => "This broadcast was cancelled",
    };
    let means = match act {
        Act::Edit => "what people get must not change under them. Duplicate it to send something else",
        Act::Remove => "only a draft can be removed",
        Act::Start | Act::Launch => "only a draft or a scheduled one can be started",
        Act::Schedule(_) => "only a draft can be scheduled",
        Act::Unschedule => "there is nothing to take off the schedule",
        Act::Pause(_) => "only one that is running can be paused",
        Act::Resume { .. } => "only a paused one can be resumed",
        Act::Cancel => "there is nothing to cancel",
        Act::SetRate => "its rate changes nothing any more",
        Act::Freeze => "its audience is not being written down",
        Act::Finish => "it cannot come to its end",
    };
    Refusal::conflict(None, format!("{stands}: {means}."))
}

#[cfg(test)]
mod tests;
