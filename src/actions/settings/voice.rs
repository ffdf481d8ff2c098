//! How the bot speaks for the website: its texts, the site's name, and how much of a username it says.

use std::time::Duration;

use super::{DAY, site_name};
use crate::model::account::Username;
use crate::model::settings::MESSAGES_KEPT;
use crate::model::texts::{TextKey, Texts};
use crate::store::{Read, StoreError, meta};

/// Everything the bot needs to know to speak. Loaded once for a batch: one row and the changed texts.
#[derive(Clone, Debug)]
pub struct Voice {
    /// The texts in force.
    pub texts: Texts,
    /// How people call the website.
    pub site: String,
    /// Where people get a new code.
    pub site_url: Option<String>,
    /// Whether a chat is asked before it is connected.
    pub confirms: bool,
    /// Whether people who write are not told that their words were passed on.
    pub hushed: bool,
    masks: bool,
    kept: Duration,
}

impl Voice {
    /// Reads it.
    pub fn load(read: &impl Read) -> Result<Self, StoreError> {
        let saved = meta::saved(read)?;
        Ok(Self {
            texts: Texts::with(meta::texts(read)?),
            site: site_name(read, &saved)?.value,
            confirms: saved.confirm_before_link,
            hushed: saved.no_passed_on,
            masks: saved.mask_username,
            kept: saved.messages_kept_days.map_or(MESSAGES_KEPT, |days| DAY * days),
            site_url: saved.site_url,
        })
    }

    /// What a chat sees of a username: all of it, or its ends, as the site wants.
    #[must_use]
    pub fn shown(&self, username: &Username) -> String {
        if self.masks { username.masked() } else { username.to_string() }
    }

    /// A text in the language of an IETF tag; `{site}` and `{days}` are filled in along with `values`.
    #[must_use]
    pub fn say(&self, key: TextKey, tag: Option<&str>, values: &[(&str, &str)]) -> String {
        let days = (self.kept.as_secs() / DAY.as_secs()).to_string();
        let mut all = vec![("site", self.site.as_str()), ("days", days.as_str())];
        all.extend_from_slice(values);
        self.texts.say(key, tag, &all)
    }
}
