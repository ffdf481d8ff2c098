//! Endpoints: their rows, which of them are due, and how many there are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Check;
use crate::ids::EndpointId;
use crate::store::error::StoreError;
use crate::store::tables::{ATTEMPTS, ENDPOINTS, PROGRESS, WAITING, WAITING_DUE};
use crate::store::webhooks::{NOBODY, get, secret};

impl Check<'_> {
    pub(super) fn webhooks(&mut self) -> Result<(), StoreError> {
        self.each(ENDPOINTS, |check, id, endpoint| {
            let previous = endpoint.previous.as_ref().map(|(sealed, _)| sealed);
            for sealed in [Some(&endpoint.secret_sealed), previous].into_iter().flatten() {
                if secret(check.read, sealed).is_none() {
                    check.report.wrong(|text| write!(text, "a secret of endpoint {id} cannot be opened"));
                }
            }
            *check.expected.entry("PROGRESS").or_default() += 1;
            Ok(())
        })?;
        let mut rows: BTreeMap<EndpointId, u64> = BTreeMap::new();
        let mut last = None;
        self.each(WAITING, |check, (id, account, event), waiting| {
            *rows.entry(id).or_default() += 1;
            let is_next = account == NOBODY || last != Some((id, account));
            last = Some((id, account));
            if is_next {
                let key = ((id, waiting.due), (account, event));
                check.needs("WAITING_DUE", WAITING_DUE, &key, &(), format_args!("event {event} of endpoint {id}"))?;
            }
            check.owned(id, "an event that waits")
        })?;
        self.each(PROGRESS, |check, id, progress| {
            let there = rows.get(&id).copied().unwrap_or(0);
            if progress.waiting != there {
                check.report.wrong(|text| write!(text, "endpoint {id} counts its rows wrongly"));
            }
            check.owned(id, "the progress")
        })?;
        self.each(ATTEMPTS, |check, (id, _), _| check.owned(id, "an attempt"))
    }

    fn owned(&mut self, id: EndpointId, what: &str) -> Result<(), StoreError> {
        if get(self.read, id)?.is_none() {
            self.report.wrong(|text| write!(text, "{what} belongs to endpoint {id}, which is gone"));
        }
        Ok(())
    }
}
