//! Moving in and out: a website that had a bot before brings its accounts, the codes it printed and the chats it knows, all of
//! them or none; and takes everything along again. The command, the API and the page call the same functions.

mod apply;
pub mod export;
mod plan;
mod rows;
mod sheet;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::actions::accounts::Brought;
use crate::actions::{Caller, Error};
use crate::clock::Timestamp;
use crate::ids::ChatId;
use crate::model::account::Username;
use crate::model::admin::Role;
use crate::model::link::Code;
use crate::model::moving::{Fate, Report, Sheet, Told};
use crate::store::{Read, StoreError, Tx};
use plan::Plan;

/// How strong a code has to be that is taken over ([`Code::strength`]). A weaker one is found by trying: each chat has five
/// tries in ten minutes, there are many chats, and a list has many codes.
pub const STRENGTH_MIN: f64 = 40.0;
/// A weaker code than this is taken over with a warning.
pub const STRENGTH_SAFE: f64 = 64.0;
/// How long a code that was given out elsewhere can be claimed, unless its line says otherwise: paper lies around.
pub const CODE_LIFE: Duration = Duration::from_hours(365 * 24);
/// The longest that such a code can be claimed.
pub const CODE_LIFE_MAX: Duration = Duration::from_hours(5 * 365 * 24);

/// A code that was given out elsewhere.
#[derive(Clone)]
struct Given {
    code: Code,
    username: Username,
    /// Until when it can be claimed, if that was said.
    expires: Option<Timestamp>,
}

/// A chat that is connected elsewhere.
#[derive(Clone)]
struct Known {
    chat: ChatId,
    username: Username,
}

/// The lists as they were read, each row with its line; what could not be read stands in `wrong`.
#[derive(Clone, Default)]
pub struct Lists {
    brought: Vec<Sheet>,
    accounts: Vec<(u64, Brought)>,
    codes: Vec<(u64, Given)>,
    chats: Vec<(u64, Known)>,
    wrong: Vec<Told>,
}

impl Lists {
    /// Reads lists in CSV. What is wrong in them is told by the report. Takes a second for the longest ones.
    #[must_use]
    pub fn read(texts: &BTreeMap<Sheet, String>) -> Self {
        let mut lists = Self { brought: texts.keys().copied().collect(), ..Self::default() };
        for (sheet, text) in texts {
            let misread = match sheet {
                Sheet::Accounts => rows::accounts(text, &mut lists.accounts),
                Sheet::Codes => rows::codes(text, &mut lists.codes),
                Sheet::Chats => rows::chats(text, &mut lists.chats),
            };
            lists.wrong.extend(misread.into_iter().map(|misread| Told {
                sheet: *sheet,
                line: misread.line,
                username: misread.username,
                fate: Fate::Wrong,
                text: Some(misread.sentence),
            }));
        }
        lists
    }
}

/// What would become of the lists. A look at each row that they name.
pub fn look(read: &impl Read, lists: &Lists) -> Result<Report, StoreError> {
    Ok(Plan::of(read, lists)?.report(false))
}

/// Carries the lists out, all of them; with one wrong line none, and nothing is written. Nobody is messaged, and the website
/// is told nothing of what it brings itself; only of an open link of ours that a code takes the place of.
pub fn bring_in(tx: &mut Tx<'_>, caller: &Caller, lists: &Lists) -> Result<Report, Error> {
    caller.needs(Role::Operator)?;
    let plan = Plan::of(tx, lists)?;
    let report = plan.report(true);
    if report.wrong() > 0 {
        return Ok(Report { applied: false, ..report });
    }
    if report.changes() {
        apply::carry_out(tx, caller, plan, &report)?;
    }
    Ok(report)
}

#[cfg(test)]
mod tests;
