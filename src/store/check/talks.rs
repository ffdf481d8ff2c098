//! The part of the check that looks at conversations of the inbox.

use std::fmt::Write as _;

use super::Check;
use crate::store::error::StoreError;
use crate::store::numbers::Counter;
use crate::store::tables::{TALKS, TALKS_BY_ADMIN, TALKS_BY_LIST};
use crate::store::talks;

impl Check<'_> {
    /// After the messages, which say what was heard.
    pub(super) fn talks(&mut self) -> Result<(), StoreError> {
        let heard = std::mem::take(&mut self.heard);
        self.expected.insert("TALKS", u64::try_from(heard.len()).unwrap_or(u64::MAX));
        self.each(TALKS, |check, account, talk| {
            let name = format!("the conversation with account {account}");
            for list in talk.lists() {
                let place = (talks::number(*list), talk.at, account);
                check.needs("TALKS_BY_LIST", TALKS_BY_LIST, &place, &(), &name)?;
                check.counted(Counter::Talks(*list));
            }
            if let Some(admin) = talks::carer(&talk) {
                check.needs("TALKS_BY_ADMIN", TALKS_BY_ADMIN, &(admin, talk.at, account), &(), &name)?;
            }
            if heard.get(&account) != Some(&talk.latest) {
                check.report.wrong(|text| write!(text, "{name} does not end with what its people wrote last"));
            }
            Ok(())
        })
    }
}
