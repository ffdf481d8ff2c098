//! The one commit of a turn: what ended is settled and what goes next is leased. One row that cannot be written keeps
//! neither the others from the disk nor from being sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::books::Books;
use super::content::Uploads;
use super::lease::{self, Action, Job};
use super::limiter::Fare;
use super::plan::Plan;
use super::sender::Loop;
use super::settle::{self, Outcome};
use super::ticket::{Flow, Ticket};
use crate::actions::Error;
use crate::ids::{BroadcastId, ChatId};
use crate::store::Tx;

impl Loop<'_> {
    /// Settles what ended and leases the plan.
    pub(super) async fn commit(&mut self, plan: Plan, uploads: Uploads) -> Result<Vec<Job>, Error> {
        let ended: Arc<[Outcome]> = self.hands.ended().into();
        let plan = Arc::new(plan);
        let (results, planned, carried) = (Arc::clone(&ended), Arc::clone(&plan), uploads.clone());
        let done = self.inner.store.write(move |tx| write(tx, &results, &planned, carried.clone()));
        let jobs = match done.await {
            Err(error) if error.is_culpable() => self.one_by_one(&ended, &plan, uploads).await?,
            other => other?,
        };
        self.hands.settled();
        self.give_back(&plan, &jobs);
        let leaving: Vec<(ChatId, Fare)> = jobs.iter().map(|job| (job.ticket.chat(), job.flow.fare())).collect();
        self.judges.limiter.left(self.inner.clock.elapsed(), &leaving);
        Ok(jobs)
    }

    /// What was counted and not leased costs nobody anything.
    fn give_back(&mut self, plan: &Plan, jobs: &[Job]) {
        let leased: BTreeSet<Ticket> = jobs.iter().map(|job| job.ticket).collect();
        let limits = self.judges.limiter.effective(self.inner.clock.elapsed());
        for id in plan.picks.iter().filter(|id| !leased.contains(&Ticket::Delivery(**id))) {
            self.judges.limiter.give_back(id.chat, Flow::Talk.fare());
        }
        for step in plan.steps.iter().filter(|step| !leased.contains(&step.ticket())) {
            if let (Action::Lease { flow, .. }, Some(runner)) = (&step.action, plan.runners.get(&step.broadcast)) {
                self.judges.limiter.give_back(step.chat, flow.fare());
                self.judges.share.give_back(*runner, limits);
            }
        }
    }

    async fn one_by_one(&mut self, ended: &[Outcome], plan: &Plan, mut uploads: Uploads) -> Result<Vec<Job>, Error> {
        for outcome in ended {
            let one = outcome.clone();
            self.alone(outcome.ticket, move |tx| in_books(tx, |tx, books| settle::settle(tx, books, &one))).await?;
        }
        for (id, until) in plan.moved.iter().copied() {
            self.alone(Ticket::Delivery(id), move |tx| lease::postpone(tx, id, until)).await?;
        }
        let mut jobs = Vec::new();
        for id in plan.picks.iter().copied() {
            let carried = uploads.clone();
            let job = self.alone(Ticket::Delivery(id), move |tx| lease::lease(tx, &mut carried.clone(), id)).await?;
            jobs.extend(job.flatten().inspect(|job| uploads.note(job.enclosed.as_ref())));
        }
        for step in &plan.steps {
            let (one, carried) = (step.clone(), uploads.clone());
            let take =
                move |tx: &mut Tx<'_>| in_books(tx, |tx, books| lease::take(tx, books, &mut carried.clone(), &one));
            let job = self.alone(step.ticket(), take).await?;
            jobs.extend(job.flatten().inspect(|job| uploads.note(job.enclosed.as_ref())));
        }
        Ok(jobs)
    }

    /// Writes what concerns one send; a culprit is put aside. A recipient that can still be read fails instead, so that its
    /// broadcast comes to an end.
    async fn alone<T: Send + 'static>(
        &mut self,
        ticket: Ticket,
        change: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Option<T>, Error> {
        let error = match self.inner.store.write(change).await {
            Err(error) if error.is_culpable() => error,
            other => return other.map(Some),
        };
        log::error!(error:% = error; "{ticket} cannot be worked on and is left alone until the next start");
        self.hands.put_aside(ticket);
        if let Ticket::Recipient { broadcast, position, .. } = ticket {
            match self.inner.store.write(move |tx| lease::give_up(tx, broadcast, position)).await {
                Err(error) if error.is_culpable() => {}
                other => other?,
            }
        }
        Ok(None)
    }

    /// After a commit that failed: rows that it leased and that became durable nevertheless never left, and nobody else
    /// would find them.
    pub(super) async fn reclaim(&mut self) -> Result<(), Error> {
        let running: Vec<BroadcastId> = self.inner.store.read(super::with_sending)?;
        for id in running {
            let flying = self.hands.flies(id);
            let count =
                self.inner.store.write(move |tx| lease::reclaim(tx, id, |position| flying.contains(&position))).await?;
            if count > 0 {
                log::warn!(broadcast = id.0, count = count; "recipients of a failed commit wait again");
            }
        }
        Ok(())
    }
}

/// What one transaction does.
pub(super) fn write(tx: &mut Tx<'_>, ended: &[Outcome], plan: &Plan, mut uploads: Uploads) -> Result<Vec<Job>, Error> {
    in_books(tx, |tx, books| {
        ended.iter().try_for_each(|outcome| settle::settle(tx, books, outcome))?;
        plan.moved.iter().try_for_each(|(id, until)| lease::postpone(tx, *id, *until))?;
        let mut jobs = Vec::new();
        for id in &plan.picks {
            jobs.extend(lease::lease(tx, &mut uploads, *id)?);
        }
        for step in &plan.steps {
            jobs.extend(lease::take(tx, books, &mut uploads, step)?);
        }
        plan.over.iter().try_for_each(|id| books.of(tx, *id).map(|_| ()))?;
        Ok(jobs)
    })
}

/// Does something with the books of broadcasts and closes them.
pub(super) fn in_books<T>(
    tx: &mut Tx<'_>,
    change: impl FnOnce(&mut Tx<'_>, &mut Books) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut books = Books::default();
    let result = change(tx, &mut books)?;
    books.close(tx)?;
    Ok(result)
}
