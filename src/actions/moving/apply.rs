//! Carrying a plan out, in the order of the keys, so that neighbours are written together.

use std::collections::{BTreeMap, HashMap};

use super::plan::{Act, Person, Plan};
use crate::actions::{Caller, chats, links};
use crate::ids::AccountId;
use crate::model::account::{Account, Username};
use crate::model::moving::{Fate, Report};
use crate::store::{self, Read as _, StoreError, Tx, journal};

pub(super) fn carry_out(tx: &mut Tx<'_>, caller: &Caller, plan: Plan, report: &Report) -> Result<(), StoreError> {
    let Plan { people, codes, chats: found, .. } = plan;
    let ids = write_people(tx, people)?;
    let id = |username: &Username| ids.get(username).copied().ok_or(StoreError::Row { table: "ACCOUNTS" });
    let mut codes =
        codes.into_iter().map(|(username, act)| Ok((id(&username)?, act))).collect::<Result<Vec<_>, StoreError>>()?;
    codes.sort_by_key(|(account, _)| *account);
    for (account, act) in codes {
        match act {
            Act::Adopt { code, expires } => links::adopt(tx, caller, account, &code, expires)?,
            Act::Postpone { id, link, expires } => store::links::set_expiry(tx, id, &link, expires)?,
        }
    }
    let mut found = found
        .into_iter()
        .map(|(username, chat, row)| Ok((chat, row, id(&username)?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    found.sort_by_key(|(chat, ..)| *chat);
    for (chat, row, account) in found {
        chats::adopt(tx, chat, row.as_ref(), account)?;
    }
    journal::audit(tx, caller.actor, "import", summary(report))
}

/// Makes and changes accounts, in the order of their names; the number of each.
fn write_people(
    tx: &mut Tx<'_>,
    people: HashMap<Username, Person>,
) -> Result<HashMap<Username, AccountId>, StoreError> {
    let people: BTreeMap<Username, Person> = people.into_iter().collect();
    let mut ids = HashMap::with_capacity(people.len());
    for (username, Person { found, told }) in people {
        let id = match (found, told) {
            (None, told) => {
                let fresh = Account::fresh(username.clone(), tx.now());
                let account = told.map_or(fresh.clone(), |told| told.onto(&fresh));
                store::accounts::insert(tx, &account)?
            }
            (Some((id, old)), Some(told)) if told.changes(&old) => {
                store::accounts::update(tx, id, &old, &told.onto(&old))?;
                id
            }
            (Some((id, _)), _) => id,
        };
        ids.insert(username, id);
    }
    Ok(ids)
}

fn summary(report: &Report) -> String {
    let lists = report.tallies.iter().map(|tally| {
        format!("{}: {} new, {} changed", tally.sheet.word(), tally.count(Fate::New), tally.count(Fate::Changed))
    });
    lists.collect::<Vec<_>>().join("; ")
}
