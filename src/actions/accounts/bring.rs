//! Accounts brought in by the website: made when they are new, else changed in what is told of them. What is not told stays.

use crate::actions::{Caller, Error};
use crate::ids::AccountId;
use crate::model::account::{Account, Tag, Username};
use crate::model::admin::Role;
use crate::model::repeat::Line;
use crate::store::{self, Read as _, StoreError, Tx, journal};

/// What the website tells of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Its name for it.
    pub username: Username,
    /// How people call it, by the rules of [`parse_name`](crate::model::account::parse_name).
    pub name: Option<String>,
    /// Its labels, sorted and each once.
    pub tags: Option<Vec<Tag>>,
}

impl Brought {
    /// An account with what is told of it.
    pub(in crate::actions) fn onto(&self, old: &Account) -> Account {
        Account {
            name: self.name.clone().unwrap_or_else(|| old.name.clone()),
            tags: self.tags.clone().unwrap_or_else(|| old.tags.clone()),
            ..old.clone()
        }
    }

    /// Whether an account is otherwise than told.
    pub(in crate::actions) fn changes(&self, old: &Account) -> bool {
        self.name.as_ref().is_some_and(|name| *name != old.name)
            || self.tags.as_ref().is_some_and(|tags| *tags != old.tags)
    }
}

/// Brings in one account.
pub fn bring(tx: &mut Tx<'_>, caller: &Caller, told: &Brought) -> Result<(AccountId, Account, Line), Error> {
    caller.needs(Role::Operator)?;
    let (id, account, line) = put(tx, told)?;
    let action = match line {
        Line::Created => "account.create",
        Line::Updated => "account.edit",
        Line::Unchanged => return Ok((id, account, line)),
    };
    journal::audit(tx, caller.actor, action, account.username.as_str())?;
    Ok((id, account, line))
}

/// Brings in many accounts at once, with one line in the audit; what became of each.
pub fn bring_all(tx: &mut Tx<'_>, caller: &Caller, told: &[Brought]) -> Result<Vec<Line>, Error> {
    caller.needs(Role::Operator)?;
    let lines = told.iter().map(|told| Ok(put(tx, told)?.2)).collect::<Result<Vec<_>, StoreError>>()?;
    let count = |wanted| lines.iter().filter(|line| **line == wanted).count();
    let (created, updated) = (count(Line::Created), count(Line::Updated));
    if created + updated > 0 {
        journal::audit(tx, caller.actor, "account.import", format!("{created} new, {updated} changed"))?;
    }
    Ok(lines)
}

fn put(tx: &mut Tx<'_>, told: &Brought) -> Result<(AccountId, Account, Line), StoreError> {
    let Some((id, old)) = store::accounts::find(tx, &told.username)? else {
        let account = told.onto(&Account::fresh(told.username.clone(), tx.now()));
        let id = store::accounts::insert(tx, &account)?;
        return Ok((id, account, Line::Created));
    };
    if !told.changes(&old) {
        return Ok((id, old, Line::Unchanged));
    }
    let new = told.onto(&old);
    store::accounts::update(tx, id, &old, &new)?;
    Ok((id, new, Line::Updated))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::Kind;
    use crate::actions::testing::{Desk, OWNER, VIEWER};

    fn told(username: &str, name: Option<&str>, tags: Option<&str>) -> Brought {
        Brought {
            username: Username::parse(username).unwrap(),
            name: name.map(str::to_owned),
            tags: tags.map(|tags| Tag::parse_list(tags).unwrap()),
        }
    }

    #[test]
    fn what_is_not_told_stays() {
        let desk = Desk::new();
        let mut lines = Vec::new();
        for told in [
            told("ada", Some("Ada"), Some("vip")),
            told("ada", None, None),
            told("ada", Some("Ada L"), None),
            told("ada", None, Some("")),
        ] {
            lines.push(desk.run(move |tx| bring(tx, &OWNER, &told)));
        }
        let outcomes: Vec<Line> = lines.iter().map(|(_, _, line)| *line).collect();
        assert_eq!(outcomes, [Line::Created, Line::Unchanged, Line::Updated, Line::Updated]);
        assert_eq!((lines[2].1.name.as_str(), lines[2].1.tags.len(), lines[3].1.tags.len()), ("Ada L", 1, 0));
        assert_eq!(desk.audit(), ["account.edit ada", "account.edit ada", "account.create ada"]);
    }

    #[test]
    fn many_come_with_one_line_in_the_audit() {
        let desk = Desk::new();
        desk.account("ben");
        let all = [told("ada", None, None), told("ben", Some("Ben"), None), told("ada", None, None)];
        let lines = desk.run(move |tx| bring_all(tx, &OWNER, &all));
        assert_eq!(lines, [Line::Created, Line::Updated, Line::Unchanged]);
        assert_eq!(desk.audit(), ["account.import 1 new, 1 changed", "account.create ben"]);
        let all = [told("cleo", None, None)];
        assert_eq!(desk.refused(move |tx| bring_all(tx, &VIEWER, &all)).kind, Kind::Forbidden);
    }
}
