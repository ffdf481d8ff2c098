//! What admins set in the browser. Every field is optional: what is not saved follows the environment, the file or the default.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::UserId;

/// Longest name of the website, in characters.
pub const SITE_NAME_MAX: usize = 64;
/// How long a code can be claimed, unless set otherwise.
pub const LINK_LIFETIME: Duration = Duration::from_mins(15);
/// How long messages and finished deliveries are kept, unless set otherwise.
pub const MESSAGES_KEPT: Duration = Duration::from_hours(180 * 24);
/// How long automatic answers to chats without an account are kept.
pub const STRANGERS_KEPT: Duration = Duration::from_hours(7 * 24);
/// How long events are kept for the website.
pub const EVENTS_KEPT: Duration = Duration::from_hours(30 * 24);
/// How long the audit is kept.
pub const AUDIT_KEPT: Duration = Duration::from_hours(400 * 24);

/// Values saved in the UI.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the settings' page")]
pub struct Saved {
    /// How people call the website.
    pub site_name: Option<String>,
    /// Where people get a new code: the way back to the website.
    pub site_url: Option<String>,
    /// Where this instance is reached from outside.
    pub base_url: Option<String>,
    /// Seconds a code can be claimed.
    pub link_lifetime_s: Option<u32>,
    /// Days messages are kept.
    pub messages_kept_days: Option<u32>,
    /// Ask in the chat before an account is connected.
    pub confirm_before_link: bool,
    /// Show only the ends of a username in a chat.
    pub mask_username: bool,
    /// Messages a second over all; 0 switches the limit off.
    pub rate_global: Option<u32>,
    /// Messages a second to one private chat; 0 switches the limit off.
    pub rate_chat: Option<u32>,
    /// Messages a minute to one group; 0 switches the limit off.
    pub rate_group: Option<u32>,
    /// People who write are not told that their words were passed on.
    pub no_passed_on: bool,
    /// The portal is switched off.
    pub no_portal: bool,
}

/// The bot this data file belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotIdentity {
    /// Telegram's number of the bot.
    pub id: UserId,
    /// Its name for links, without `@`.
    pub username: String,
    /// How it calls itself.
    pub name: String,
    /// When it was last asked who it is.
    pub seen: Timestamp,
}
