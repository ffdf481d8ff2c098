//! One stream: waits, looks, and says what is new. It costs a timer and a place in the data file's list of listeners.

use std::time::Duration;

use futures_lite::{Stream, stream};

use super::places::Place;
use super::{Look, Next, Pace, Shown};
use crate::runtime;
use crate::secret::Hash;
use crate::store::{Snapshot, Store};
use crate::view::live::{Event, event};
use crate::web::Problem;

/// How long a stream lives before the page is asked to open another one: what hangs unseen goes with it.
const LIFE: Duration = Duration::from_mins(15);
/// The longest silence.
const BEAT: Duration = Duration::from_secs(15);

pub(super) struct Flow<F> {
    store: Store,
    pace: Pace,
    look: F,
    stage: Stage,
    /// The data file's pulse before the last look.
    seen: u64,
    /// Of the content that was sent last.
    sent: Option<Hash>,
    next: Next,
    started: Duration,
    looked: Duration,
    spoken: Duration,
    /// Gives the place free when the client is gone.
    _place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    First,
    Running,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Woken {
    ByChange,
    ByTime,
}

impl<F> Flow<F>
where
    F: FnMut(&Snapshot) -> Result<Look, Problem> + Send + 'static,
{
    pub(super) fn new(store: Store, pace: Pace, seat: Place, look: F) -> Self {
        let started = store.clock().elapsed();
        Self {
            seen: store.changes().value(),
            store,
            pace,
            look,
            stage: Stage::First,
            sent: None,
            next: Next::Change,
            started,
            looked: started,
            spoken: started,
            _place: seat,
        }
    }

    pub(super) fn into_events(self) -> impl Stream<Item = String> + Send {
        stream::unfold(self, |mut flow| async move {
            let said = flow.say().await?;
            flow.spoken = flow.store.clock().elapsed();
            Some((said, flow))
        })
    }

    /// The next thing to say; nothing when the stream is over.
    async fn say(&mut self) -> Option<String> {
        loop {
            let woken = match self.stage {
                Stage::First => Woken::ByChange,
                Stage::Running => self.wait().await,
                Stage::Over => return None,
            };
            if self.store.clock().elapsed().saturating_sub(self.started) >= LIFE {
                self.stage = Stage::Over;
                return Some(event(Event::Again));
            }
            self.stage = Stage::Running;
            self.seen = self.store.changes().value();
            self.looked = self.store.clock().elapsed();
            // Whoever may no longer look is told when the page asks again.
            let look = self.store.read(|read| (self.look)(read)).ok()?;
            let news = match look {
                Look::Now(shown) => self.tell(shown),
                Look::Same => None,
            };
            let silent = self.store.clock().elapsed().saturating_sub(self.spoken);
            if news.is_some() || woken == Woken::ByTime || silent >= BEAT {
                return Some(news.unwrap_or_else(|| event(Event::Beat)));
            }
        }
    }

    fn tell(&mut self, shown: Shown) -> Option<String> {
        self.next = shown.next;
        let html = shown.html.into_string();
        let hash = Some(Hash::of(html.as_bytes()));
        let mut news = if self.sent == hash { String::new() } else { event(Event::Html(&html)) };
        self.sent = hash;
        if shown.next == Next::Over {
            self.stage = Stage::Over;
            news.push_str(&event(Event::Done));
        }
        (!news.is_empty()).then_some(news)
    }

    async fn wait(&mut self) -> Woken {
        let (store, seen, looked, gap) = (&self.store, self.seen, self.looked, self.pace.gap);
        let clock = store.clock();
        let idle = match self.next {
            Next::At(moment) if moment > clock.now() => self.pace.idle.min(moment.since(clock.now())),
            Next::At(_) | Next::Change | Next::Over => self.pace.idle,
        };
        let changed = async {
            store.changes().after(seen).await;
            runtime::sleep(gap.saturating_sub(clock.elapsed().saturating_sub(looked))).await;
            Woken::ByChange
        };
        let timed = async {
            runtime::sleep(idle).await;
            Woken::ByTime
        };
        runtime::race(changed, timed).await
    }
}
