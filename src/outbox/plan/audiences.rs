//! The broadcasts that run, and of each the first recipient that may go: those that wait again and are due, then the rows
//! in their order. A row of the order that has to wait is set back, because the border only moves on past all of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::{Judges, Look, Moment};
use crate::clock::Timestamp;
use crate::ids::BroadcastId;
use crate::model::broadcast::BroadcastStatus;
use crate::model::message::Attachment;
use crate::model::recipient::{Recipient, RecipientState};
use crate::outbox::content::Content;
use crate::outbox::lease::{Action, Step, left_out};
use crate::outbox::limiter::{Fare, Limits};
use crate::outbox::share::Runner;
use crate::outbox::ticket::{Flow, Ticket};
use crate::store::recipients::{self, Place};
use crate::store::{Read, StoreError, broadcasts, chats};

/// Rows of a broadcast that one look sets back or leaves out at most.
const STEPPED_OVER: usize = 256;
/// Places of those that wait again read at a time.
const PAGE: usize = 64;
/// How long a recipient waits whose chat gets something else just now.
const BUSY_WAIT: Duration = Duration::from_secs(1);

/// All broadcasts that run.
pub(super) struct Audiences {
    running: Vec<Running>,
    /// Whose turn it is, and was settled.
    next: Option<usize>,
    limits: Limits,
}

/// One broadcast that runs.
struct Running {
    runner: Runner,
    content: Option<Arc<Content>>,
    /// What has to be uploaded first.
    upload: Option<Attachment>,
    started: Option<Timestamp>,
    head: Option<Row>,
    returned: VecDeque<Place>,
    after: Option<Place>,
    /// Whether all that wait again and are due were read.
    is_read: bool,
    /// The border: the first row that was not taken, and how many rows there are.
    border: (u32, u32),
    stepped: usize,
}

/// A recipient that may go.
type Row = (u32, Recipient);

impl Audiences {
    pub(super) fn load(
        read: &impl Read,
        moment: &Moment<'_>,
        judges: &mut Judges,
        look: &mut Look<'_>,
    ) -> Result<Self, StoreError> {
        let limits = judges.limiter.effective(moment.mono);
        let mut running = Vec::new();
        for id in broadcasts::ids(read, BroadcastStatus::Sending)? {
            match Running::load(read, judges, look, id) {
                // Of a broadcast that is damaged the check tells; it must not keep everyone else waiting.
                Err(StoreError::Row { .. }) => {}
                row => running.extend(row?),
            }
        }
        let runs = |id| running.iter().any(|one: &Running| one.runner.id == id);
        judges.share.keep(runs);
        judges.contents.keep(runs);
        Ok(Self { running, next: None, limits })
    }

    /// Whether a broadcast of this fare has something that is not on its way, due or not.
    pub(super) fn has_any(&self, fare: Fare) -> bool {
        self.running.iter().any(|one| one.runner.fare == fare && one.has_rows())
    }

    /// Settles whose turn it is and which recipient is meant; whether there is one.
    pub(super) fn settle_next(
        &mut self,
        read: &impl Read,
        judges: &Judges,
        look: &mut Look<'_>,
        fare: Fare,
    ) -> Result<bool, StoreError> {
        self.next = None;
        let now = look.moment.mono;
        if look.slots.of(Flow::Broadcast(fare)) == 0 || judges.share.due(now, fare, self.limits) > now {
            return Ok(false);
        }
        let mut order: Vec<usize> = (0..self.running.len()).collect();
        order.retain(|nth| self.running.get(*nth).is_some_and(|one| one.runner.fare == fare));
        order.sort_by_key(|nth| self.running.get(*nth).map(|one| judges.share.turn(one.runner.id)));
        for nth in order {
            let Some(one) = self.running.get_mut(nth) else { continue };
            let waits_for_upload = one.upload.is_some_and(|upload| look.uploads.running.contains(&upload));
            if judges.share.due_of(now, one.runner) > now || waits_for_upload {
                continue;
            }
            if one.settle_head(read, judges, look)? {
                self.next = Some(nth);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The one whose turn was settled takes it.
    pub(super) fn take(&mut self, judges: &mut Judges, look: &mut Look<'_>) {
        let Some(one) = self.next.take().and_then(|nth| self.running.get_mut(nth)) else { return };
        let Some((position, row)) = one.head.take() else { return };
        let (runner, now) = (one.runner, look.moment.mono);
        let flow = Flow::Broadcast(runner.fare);
        judges.limiter.take(now, row.chat, runner.fare);
        judges.share.take(now, runner, self.limits);
        look.slots.take(flow);
        look.busy.insert(row.chat);
        look.uploads.running.extend(one.upload);
        look.plan.runners.insert(runner.id, runner);
        let action = Action::Lease { flow, content: one.content.clone() };
        look.plan.steps.push(Step { broadcast: runner.id, position, chat: row.chat, action });
    }

    /// The moments at which a broadcast has its next turn, or a recipient that waits again is due.
    pub(super) fn foresee(&self, read: &impl Read, judges: &Judges, look: &mut Look<'_>) -> Result<(), StoreError> {
        let now = look.moment.mono;
        for one in &self.running {
            let Runner { id, fare, .. } = one.runner;
            if one.has_rows() {
                let at = judges.share.due(now, fare, self.limits).max(judges.share.due_of(now, one.runner));
                // What is due and did not go waits for something else: a place, the limiter, an upload.
                if at > now {
                    look.plan.foresee(at);
                }
            } else if let Some(due) = recipients::next_returned(read, id, look.moment.wall)? {
                look.plan.sooner(now + due.since(look.moment.wall));
            }
        }
        Ok(())
    }
}

impl Running {
    /// One that is over waits for nothing any more.
    fn load(
        read: &impl Read,
        judges: &mut Judges,
        look: &mut Look<'_>,
        id: BroadcastId,
    ) -> Result<Option<Self>, StoreError> {
        let Some(broadcast) = broadcasts::get(read, id)? else { return Ok(None) };
        let figures = broadcasts::figures(read, id)?;
        if figures.open() == 0 && figures.frozen {
            look.plan.over.push(id);
            return Ok(None);
        }
        let content = judges.contents.of(read, id)?;
        let carried = content.as_ref().and_then(|content| content.attachment());
        let upload = match carried {
            Some(attachment) if look.uploads.must_upload(read, attachment)? => Some(attachment),
            Some(_) | None => None,
        };
        let fare = if broadcast.paid { Fare::Paid } else { Fare::Free };
        let mut one = Self {
            runner: Runner { id, fare, rate: broadcast.rate },
            content,
            upload,
            started: broadcast.started,
            head: None,
            returned: VecDeque::new(),
            after: None,
            is_read: false,
            border: (figures.next, figures.rows),
            stepped: 0,
        };
        one.read_on(read, look)?;
        Ok(Some(one))
    }

    fn has_rows(&self) -> bool {
        self.head.is_some() || !self.returned.is_empty() || self.border.0 < self.border.1
    }

    /// Reads more of those that wait again; leased ones, and those that cannot be worked on, are passed over.
    fn read_on(&mut self, read: &impl Read, look: &Look<'_>) -> Result<(), StoreError> {
        while self.returned.is_empty() && !self.is_read {
            let page = recipients::returned(read, self.runner.id, look.moment.wall, self.after, PAGE)?;
            self.is_read = page.len() < PAGE;
            self.after = page.last().copied().or(self.after);
            for place in page {
                if !self.is_held(read, look, place.1)? {
                    self.returned.push_back(place);
                }
            }
        }
        Ok(())
    }

    fn is_held(&self, read: &impl Read, look: &Look<'_>, position: u32) -> Result<bool, StoreError> {
        Ok(match self.row(read, position)? {
            Some(row) => look.holds(&self.ticket(position, &row)),
            None => true,
        })
    }

    /// A row; none when it is damaged: it is passed over.
    fn row(&self, read: &impl Read, position: u32) -> Result<Option<Recipient>, StoreError> {
        match recipients::get(read, self.runner.id, position) {
            Err(StoreError::Row { .. }) => Ok(None),
            row => row,
        }
    }

    fn ticket(&self, position: u32, row: &Recipient) -> Ticket {
        Ticket::Recipient { broadcast: self.runner.id, position, chat: row.chat }
    }

    fn next_row(&mut self, read: &impl Read, look: &Look<'_>) -> Result<Option<Row>, StoreError> {
        loop {
            self.read_on(read, look)?;
            let position = match self.returned.pop_front() {
                Some((_, position)) => position,
                None if self.border.0 < self.border.1 => {
                    self.border.0 += 1;
                    self.border.0 - 1
                }
                None => return Ok(None),
            };
            if let Some(row) = self.row(read, position)?
                && !look.holds(&self.ticket(position, &row))
                && matches!(row.state, RecipientState::Queued { .. } | RecipientState::Sending { .. })
            {
                return Ok(Some((position, row)));
            }
        }
    }

    /// Moves on to a recipient that may go; whether there is one.
    fn settle_head(&mut self, read: &impl Read, judges: &Judges, look: &mut Look<'_>) -> Result<bool, StoreError> {
        loop {
            let (position, row) = match self.head.take() {
                Some(head) => head,
                None if self.stepped >= STEPPED_OVER => return Ok(false),
                None => match self.next_row(read, look)? {
                    Some(next) => next,
                    None => return Ok(false),
                },
            };
            let Some(action) = self.instead(read, judges, look, &row)? else {
                self.head = Some((position, row));
                return Ok(true);
            };
            self.stepped += 1;
            look.plan.steps.push(Step { broadcast: self.runner.id, position, chat: row.chat, action });
        }
    }

    /// What is done with a recipient that does not go now.
    fn instead(
        &self,
        read: &impl Read,
        judges: &Judges,
        look: &Look<'_>,
        row: &Recipient,
    ) -> Result<Option<Action>, StoreError> {
        let (now, wall) = (look.moment.mono, look.moment.wall);
        let chat = chats::get(read, row.chat)?;
        if left_out(row, chat.as_ref(), self.started).is_some() {
            return Ok(Some(Action::LeaveOut));
        }
        if let Some(until) = chat.and_then(|chat| chat.news_waits(wall)) {
            return Ok(Some(Action::SetBack(until)));
        }
        if look.busy.contains(&row.chat) {
            return Ok(Some(Action::SetBack(wall.plus(BUSY_WAIT))));
        }
        Ok(judges.limiter.check_chat(now, row.chat).err().map(|early| Action::SetBack(look.wall(early.at))))
    }
}
