//! The part of the check that looks at broadcasts and their recipients.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use super::Check;
use crate::ids::{AccountId, BroadcastId};
use crate::model::broadcast::{Broadcast, BroadcastStatus, Figures};
use crate::model::delivery::Standing;
use crate::model::recipient::Recipient;
use crate::store::codec::Blob;
use crate::store::error::StoreError;
use crate::store::tables::{
    BROADCAST_BODIES, BROADCASTS, BROADCASTS_BY_STATE, FIGURES, OUTCOMES, RECIPIENTS, RETURNED,
};
use crate::store::tx::{Order, Read as _, Span};
use crate::store::{broadcasts, recipients};

/// What the rows of one broadcast add up to.
#[derive(Default)]
struct Sum {
    figures: Figures,
    /// The account of the row before, and whether one of its chats has got it.
    account: Option<(AccountId, bool)>,
}

impl Check<'_> {
    pub(super) fn broadcasts(&mut self) -> Result<(), StoreError> {
        self.each(BROADCASTS, |check, id, broadcast| check.broadcast(id, &broadcast))?;
        let mut orphans = 0_u64;
        self.each(RECIPIENTS, |check, (id, _), _| {
            orphans += u64::from(broadcasts::get(check.read, id)?.is_none());
            Ok(())
        })?;
        if orphans > 0 {
            self.report.wrong(|text| write!(text, "{orphans} recipients have no broadcast"));
        }
        Ok(())
    }

    fn broadcast(&mut self, id: BroadcastId, broadcast: &Broadcast) -> Result<(), StoreError> {
        let name = format!("broadcast {id}");
        let place = (broadcasts::number(broadcast.status()), id);
        self.needs("BROADCASTS_BY_STATE", BROADCASTS_BY_STATE, &place, &(), &name)?;
        *self.expected.entry("BROADCAST_BODIES").or_default() += u64::from(self.has(BROADCAST_BODIES, &id)?);
        match broadcasts::body(self.read, id)? {
            Some(body) => self.holds(&body),
            None => self.report.wrong(|text| write!(text, "the content of {name} cannot be opened")),
        }
        let kept = self.read.get(FIGURES, &id)?;
        *self.expected.entry("FIGURES").or_default() += u64::from(kept.is_some());
        let mut sum = Sum::default();
        let read = self.read;
        read.visit(RECIPIENTS, &Span::prefix(&id), Order::Ascending, |(_, position), row| {
            self.recipient(id, broadcast, kept.as_ref(), position, &row)?;
            sum.add(broadcast, &row);
            Ok(ControlFlow::Continue(()))
        })?;
        match kept {
            Some(kept) => self.figures(&name, &kept, &sum.figures),
            // One that is over is being removed, piece by piece.
            None if sum.figures.rows > 0 && !broadcast.status().is_final() => {
                self.report.wrong(|text| write!(text, "the figures of {name} are gone"));
            }
            None => {}
        }
        Ok(())
    }

    fn recipient(
        &mut self,
        id: BroadcastId,
        broadcast: &Broadcast,
        kept: Option<&Figures>,
        position: u32,
        row: &Recipient,
    ) -> Result<(), StoreError> {
        let name = format!("recipient {position} of broadcast {id}");
        if let Some(at) = recipients::place(row) {
            self.needs("RETURNED", RETURNED, &(id, at, position), &(), &name)?;
        }
        if recipients::is_listed(row.standing()) {
            let key = (id, recipients::number(row.standing()), position);
            self.needs("OUTCOMES", OUTCOMES, &key, &(), &name)?;
        }
        if kept.is_some_and(|kept| recipients::in_order(row) != (position >= kept.next)) {
            self.report.wrong(|text| write!(text, "{name} is on the wrong side of the next one to send"));
        }
        if broadcast.status() == BroadcastStatus::Done && !row.standing().is_final() {
            self.report.wrong(|text| write!(text, "{name} is open, the broadcast is done"));
        }
        Ok(())
    }

    fn figures(&mut self, name: &str, kept: &Figures, counted: &Figures) {
        let parts = |figures: &Figures| {
            let standings = Standing::ALL.map(|standing| figures.count(standing));
            let answers: Vec<u32> = (0..20).map(|button| figures.answers(button)).collect();
            (figures.rows, figures.accounts, figures.reached, standings, answers)
        };
        if parts(kept) != parts(counted) {
            let (kept, counted) = (parts(kept), parts(counted));
            self.report.wrong(|text| write!(text, "the figures of {name} say {kept:?}, its rows {counted:?}"));
        }
    }

    pub(super) fn has<K: crate::store::codec::Key>(
        &self,
        table: crate::store::tables::Table<K, Blob>,
        key: &K,
    ) -> Result<bool, StoreError> {
        Ok(self.read.get(table, key)?.is_some())
    }
}

impl Sum {
    fn add(&mut self, broadcast: &Broadcast, row: &Recipient) {
        // What waits in a cancelled broadcast was taken back all at once, without a row being written.
        let is_cancelled = broadcast.status() == BroadcastStatus::Cancelled && recipients::in_order(row);
        let standing = if is_cancelled { Standing::Cancelled } else { row.standing() };
        self.figures.rows += 1;
        self.figures.add(standing, 1);
        if let Some(button) = row.answer {
            self.figures.add_answer(button);
        }
        let sent = standing == Standing::Sent;
        let known = self.account.filter(|(account, _)| *account == row.account);
        if known.is_none() {
            self.figures.accounts += 1;
        }
        let was = known.is_some_and(|(_, reached)| reached);
        if sent && !was {
            self.figures.reached += 1;
        }
        self.account = Some((row.account, was || sent));
    }
}
