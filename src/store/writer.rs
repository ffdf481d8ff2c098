//! The one writer: a thread that runs all closures that wait in one transaction and commits once (group commit).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, Weak, mpsc};
use std::time::Duration;

use crate::store::error::{Failure, StoreError};
use crate::store::tx::Tx;
use crate::store::{Shared, numbers, reopen_database};

/// Closures that share one commit at most.
const BATCH: usize = 256;
/// How often, and how far apart, a broken file is opened again.
const REOPEN_TRIES: u32 = 20;
const REOPEN_PAUSE: Duration = Duration::from_millis(250);

/// Hands closures to the writer thread.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

/// How a closure ended.
enum Ended {
    Well,
    Refused,
    Broken,
}

trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Ended;
    /// Tells the caller: its own result, or that the commit failed.
    fn finish(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Pending<F, T, E> {
    change: F,
    result: Option<Result<T, E>>,
    reply: async_channel::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Pending<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: Failure,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Ended {
        let change = &mut self.change;
        let result = catch_unwind(AssertUnwindSafe(|| change(tx))).unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        let ended = match &result {
            Ok(_) => Ended::Well,
            Err(error) if error.is_storage() => Ended::Broken,
            Err(_) => Ended::Refused,
        };
        self.result = Some(result);
        ended
    }

    fn finish(self: Box<Self>, commit: Result<(), StoreError>) {
        let answer = match (commit, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StoreError::Closed.into()),
            (Err(error), _) => Err(error.into()),
        };
        // A caller that stopped waiting does not need the answer.
        let _ = self.reply.try_send(answer);
    }
}

impl Writer {
    pub(super) fn start(shared: &Arc<Shared>) -> std::io::Result<Self> {
        let (jobs, inbox) = mpsc::channel();
        let shared = Arc::downgrade(shared);
        std::thread::Builder::new().name("store-writer".into()).spawn(move || work(&shared, &inbox))?;
        Ok(Self { jobs })
    }

    pub(super) async fn run<T, E>(
        &self,
        change: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let (reply, answer) = async_channel::bounded(1);
        let job = Box::new(Pending { change, result: None, reply });
        if self.jobs.send(job).is_err() {
            return Err(StoreError::Closed.into());
        }
        answer.recv().await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}

fn work(shared: &Weak<Shared>, inbox: &mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(first) = inbox.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = inbox.try_recv()
        {
            batch.push(next);
        }
        // Without a store nobody is left who could use an answer.
        let Some(shared) = shared.upgrade() else { return };
        let finished = run_batch(&shared, batch);
        // Let go of first: a caller who drops the store after its answer may open the file again at once.
        drop(shared);
        for (job, outcome) in finished {
            job.finish(outcome);
        }
    }
}

/// What became of the attempt to run some closures in one transaction.
enum Attempt {
    /// On disk, or nothing to write.
    Settled(Result<(), StoreError>),
    /// Rolled back: one of them broke, or refused after its first write.
    RolledBack,
}

/// A closure that has run for good, and whether its transaction was committed.
type Finished = (Box<dyn Job>, Result<(), StoreError>);

fn run_batch(shared: &Shared, mut batch: Vec<Box<dyn Job>>) -> Vec<Finished> {
    match attempt(shared, &mut batch) {
        Attempt::Settled(outcome) => batch.into_iter().map(|job| (job, outcome.clone())).collect(),
        // Alone, a rolled back closure has its own result to tell.
        Attempt::RolledBack if batch.len() == 1 => batch.into_iter().map(|job| (job, Ok(()))).collect(),
        Attempt::RolledBack => batch.into_iter().flat_map(|job| run_batch(shared, vec![job])).collect(),
    }
}

fn attempt(shared: &Shared, batch: &mut [Box<dyn Job>]) -> Attempt {
    let outcome = {
        let database = shared.database.read().unwrap_or_else(PoisonError::into_inner);
        match database.as_ref() {
            Some(database) => transact(shared, database, batch),
            None => Err(StoreError::Closed),
        }
    };
    match outcome {
        Ok(attempt) => attempt,
        Err(error) => {
            log::error!("a commit failed, the data file is opened again: {error}");
            reopen(shared);
            Attempt::Settled(Err(error))
        }
    }
}

fn transact(shared: &Shared, database: &redb::Database, batch: &mut [Box<dyn Job>]) -> Result<Attempt, StoreError> {
    let mut txn = database.begin_write()?;
    // Reopening after a crash is three times faster; costs 0.15 ms a commit.
    txn.set_quick_repair(true);
    let mut tx = Tx::new(&txn, shared.clock.now(), &shared.tools);
    let mut wrote = false;
    for job in batch {
        tx.begin_closure();
        let ended = job.run(&mut tx);
        let roll_back = match ended {
            Ended::Well => false,
            Ended::Refused => tx.is_dirty(),
            Ended::Broken => true,
        };
        if roll_back {
            drop(tx);
            txn.abort()?;
            return Ok(Attempt::RolledBack);
        }
        wrote |= tx.is_dirty();
    }
    if wrote {
        numbers::flush(&mut tx)?;
    }
    drop(tx);
    if !wrote {
        txn.abort()?;
        return Ok(Attempt::Settled(Ok(())));
    }
    txn.commit()?;
    shared.changes.beat();
    Ok(Attempt::Settled(Ok(())))
}

/// After a storage error redb refuses further writes: the handle is dropped and the file opened anew. It is never made anew.
fn reopen(shared: &Shared) {
    let mut slot = shared.database.write().unwrap_or_else(PoisonError::into_inner);
    if matches!(shared.place, super::Place::Memory) {
        return;
    }
    *slot = None;
    for _ in 0..REOPEN_TRIES {
        match reopen_database(&shared.place) {
            Ok(database) => {
                *slot = Some(database);
                shared.changes.beat();
                return;
            }
            Err(error) => log::error!("the data file cannot be opened again yet: {error}"),
        }
        std::thread::sleep(REOPEN_PAUSE);
    }
}
