//! Looking at a chat from outside: what phones and groups read, and how one waits for a change.

use std::time::Duration;

use super::messages::Message;
use super::rooms::Room;
use super::world::{Core, World};
use crate::runtime::{self, TimedOut};

/// Looks at the state after every change until `look` finds something.
pub(super) async fn wait<T>(core: &Core, span: Duration, look: impl Fn(&World) -> Option<T>) -> Result<T, TimedOut> {
    let looking = async {
        loop {
            let seen = core.changes.value();
            if let Some(found) = look(&core.world()) {
                return found;
            }
            core.changes.after(seen).await;
        }
    };
    runtime::timeout(span, looking).await
}

/// Waits until a person could see something new in a chat; false when nothing came or the sandbox ends.
pub(super) async fn changed(core: &Core, chat: i64, seen: u64, span: Duration) -> bool {
    let changed = wait(core, span, |world| (world.room(chat)?.revision() != seen).then_some(()));
    let changed = runtime::race(changed, async {
        core.stop.wait().await;
        Err(TimedOut)
    });
    changed.await.is_ok()
}

/// The messages in a chat after `after` (0: all), oldest first.
pub(super) fn messages(core: &Core, chat: i64, after: i64) -> Vec<Message> {
    let world = core.world();
    let room = world.room(chat);
    room.map(|room| room.messages().filter(|message| message.id > after).cloned().collect()).unwrap_or_default()
}

/// The id of the newest message there ever was in a chat, 0 before the first.
pub(super) fn last_id(core: &Core, chat: i64) -> i64 {
    core.world().room(chat).map_or(0, Room::last_id)
}

/// Grows with every change in a chat that a person could see.
pub(super) fn revision(core: &Core, chat: i64) -> u64 {
    core.world().room(chat).map_or(0, Room::revision)
}

/// Waits for the first message of the bot after message `after`.
pub(super) async fn next_from_bot(core: &Core, chat: i64, after: i64, span: Duration) -> Result<Message, TimedOut> {
    wait(core, span, |world| world.room(chat)?.messages().find(|message| message.is_new_from_bot(after)).cloned()).await
}

/// Waits until the newest message of the bot satisfies `wanted` and gives it.
pub(super) async fn wait_for(
    core: &Core,
    chat: i64,
    span: Duration,
    wanted: impl Fn(&Message) -> bool,
) -> Result<Message, TimedOut> {
    wait(core, span, |world| {
        let newest = world.room(chat)?.messages().rev().find(|message| message.is_new_from_bot(0))?;
        wanted(newest).then(|| newest.clone())
    })
    .await
}
