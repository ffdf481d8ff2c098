//! One token's time at Telegram: identity, webhook, polls. Every wait ends at once when the process stops or the token
//! changes; a batch that is being committed is finished first.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use super::{End, FAULT, hindered, settles, stopped};
use crate::actions::bots::{self, Meeting};
use crate::bot::backoff::Backoff;
use crate::bot::batch::{self, Item};
use crate::bot::health::State;
use crate::bot::{Inner, dispatch, effects, menu};
use crate::model::settings::BotIdentity;
use crate::runtime::{self, Stop};
use crate::store::{StoreError, meta};
use crate::telegram::{Api, Batch, CallError, Class, Conflict, GetUpdates, Token};

/// What Telegram is asked to hold a poll for, in seconds; its server uses 50 at most.
const POLL_S: u16 = 50;
/// How often a webhook that is in the way is looked at again.
const WEBHOOK_LOOK: Duration = Duration::from_mins(1);
/// The pause after an empty answer that came at once, as from a server that does not hold polls.
const EMPTY_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Session<'b> {
    bot: &'b Inner,
    stop: &'b Stop,
    token: Token,
    backoff: Backoff,
    /// Set while the next poll asks for an answer at once, so that the health tells soon whether things are well.
    unsure: bool,
    strays: Strays,
}

/// Updates without a number, which come again with every poll because they cannot be confirmed.
#[derive(Default)]
struct Strays(Vec<String>);

impl Strays {
    /// Logs what is new: the same ones once, until an answer comes without them.
    fn meet(&mut self, found: Vec<String>) {
        if self.differ(&found) {
            let (count, shape) = (found.len(), found.first().map_or("", String::as_str));
            log::error!(count, shape; "Telegram sent updates without a number; they cannot be confirmed.");
        }
        self.0 = found;
    }

    fn differ(&self, found: &[String]) -> bool {
        !found.is_empty() && self.0 != found
    }
}

/// What to do after a poll.
enum Next {
    Poll,
    Webhook,
    Identify,
}

impl Next {
    fn after(failure: &Class) -> Self {
        if matches!(failure, Class::Conflict(Conflict::Webhook | Conflict::SetWebhook)) {
            Self::Webhook
        } else if matches!(failure, Class::TokenRefused) {
            Self::Identify
        } else {
            Self::Poll
        }
    }
}

impl<'b> Session<'b> {
    pub(super) fn new(bot: &'b Inner, stop: &'b Stop, token: Token) -> Self {
        Self { bot, stop, token, backoff: Backoff::default(), unsure: true, strays: Strays::default() }
    }

    pub(super) async fn run(mut self) -> End {
        match self.live().await {
            Err(end) => end,
            Ok(never) => match never {},
        }
    }

    async fn live(&mut self) -> Result<Infallible, End> {
        loop {
            let me = self.identify().await?;
            self.mark_chats().await?;
            menu::offer(self.bot, self.api().await?, &me);
            self.clear_webhook().await?;
            self.polls(&me).await?;
        }
    }

    /// Waits for `work`, unless the process stops or the token changes first. The work is boxed: a call is large.
    fn hurry<T>(&self, work: impl Future<Output = T>) -> impl Future<Output = Result<T, End>> {
        let work = Box::pin(work);
        let changed = async {
            settles(&self.bot.store, || self.bot.token_differs(&self.token)).await;
            End::TokenChanged
        };
        let interrupted = async { Err(runtime::race(stopped(self.stop), changed).await) };
        runtime::race(interrupted, async { Ok(work.await) })
    }

    /// The client of this session; a new one, with new connections, after an error.
    async fn api(&self) -> Result<Api, End> {
        loop {
            if let Some(api) = self.bot.current_api() {
                return Ok(api);
            }
            match self.bot.connect(&self.token) {
                Ok(api) => self.bot.put_api(Some(api)),
                Err(error) => {
                    self.bot.health.hindered(error.to_string(), self.bot.store.clock().now().plus(FAULT));
                    self.hurry(runtime::sleep(FAULT)).await?;
                }
            }
        }
    }

    /// A call failed: shows it and waits.
    async fn wait_out(&mut self, error: &CallError) -> Result<(), End> {
        let wait = self.note_failure(error);
        self.hurry(runtime::sleep(wait)).await
    }

    /// A call failed: shows it, and begins with new connections; how long to wait.
    fn note_failure(&mut self, error: &CallError) -> Duration {
        let wait = self.backoff.failed(&error.class, &self.bot.rng);
        self.tell(error, wait);
        self.bot.put_api(None);
        self.unsure = true;
        wait
    }

    /// Logs what is new, and shows it.
    fn tell(&self, error: &CallError, wait: Duration) {
        let known = self.bot.health.report().last_error;
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        if known.as_deref() != Some(error.to_string().as_str()) {
            log::warn!(wait_ms, failures = self.backoff.failures(); "Polling is interrupted. {error}");
        }
        self.bot.health.failed(error, self.bot.store.clock().now().plus(wait));
    }

    /// The store failed: shows it and waits.
    async fn wait_for_disk(&mut self, error: &StoreError) -> Result<(), End> {
        hindered(self.bot, error);
        self.unsure = true;
        self.hurry(runtime::sleep(FAULT)).await
    }

    /// Asks who the bot is, until Telegram tells and it is the bot of this data file.
    async fn identify(&mut self) -> Result<BotIdentity, End> {
        loop {
            let api = self.api().await?;
            let me = match self.hurry(api.get_me()).await? {
                Ok(info) => self.bot.identity(info),
                Err(error) => {
                    self.wait_out(&error).await?;
                    continue;
                }
            };
            let found = me.clone();
            match self.bot.store.write(move |tx| bots::meet(tx, &found)).await {
                Ok(Meeting::Same) => {
                    log::info!(bot = me.username.as_str(); "The bot is known to Telegram.");
                    self.bot.health.met(me.clone());
                    return Ok(me);
                }
                Ok(Meeting::Other(known)) => self.wait_for_consent(known, me).await?,
                Err(error) => self.wait_for_disk(&error).await?,
            }
        }
    }

    async fn wait_for_consent(&self, known: BotIdentity, found: BotIdentity) -> Result<(), End> {
        log::error!(
            known = known.username.as_str(), found = found.username.as_str();
            "The token belongs to another bot than the data file; confirm the change in the settings."
        );
        let id = found.id;
        self.bot.health.enter(State::OtherBot { known, found });
        let accepted = || {
            let bot = self.bot.store.read(meta::bot);
            matches!(bot, Ok(Some(bot)) if bot.id == id)
        };
        self.hurry(settles(&self.bot.store, accepted)).await
    }

    /// After a change of bots no chat is known to be reachable. Updates wait, so that the new bot's chats are not marked.
    async fn mark_chats(&mut self) -> Result<(), End> {
        let mut after = None;
        loop {
            let step = match after {
                None => match self.bot.store.read(bots::has_chats_to_mark) {
                    Ok(false) => return Ok(()),
                    Ok(true) => self.bot.store.write(|tx| bots::mark_unknown(tx, None)).await,
                    Err(error) => Err(error),
                },
                Some(_) => self.bot.store.write(move |tx| bots::mark_unknown(tx, after)).await,
            };
            match step {
                Ok(next) => after = next,
                Err(error) => self.wait_for_disk(&error).await?,
            }
            self.hurry(async {}).await?;
        }
    }

    /// Waits until no webhook is set. One that is set is removed only with consent.
    async fn clear_webhook(&mut self) -> Result<(), End> {
        loop {
            let api = self.api().await?;
            let info = match self.hurry(api.get_webhook_info()).await? {
                Ok(info) => info,
                Err(error) => {
                    self.wait_out(&error).await?;
                    continue;
                }
            };
            self.bot.health.pending(info.pending_update_count);
            if info.url.is_empty() {
                return Ok(());
            }
            if !self.consented() {
                self.show_webhook(&info.url);
                let wait = async { runtime::sleep(WEBHOOK_LOOK).await };
                self.hurry(runtime::race(wait, settles(&self.bot.store, || self.consented()))).await?;
                continue;
            }
            self.remove_webhook(&api).await?;
        }
    }

    fn consented(&self) -> bool {
        self.bot.store.read(bots::may_remove_webhook).unwrap_or(false)
    }

    fn show_webhook(&self, url: &str) {
        let state = State::WebhookSet { url: url.replace(self.token.secret().expose(), "[token]") };
        if self.bot.health.report().state != state {
            log::error!("A webhook of another program takes the bot's updates; its removal needs consent.");
            self.bot.health.enter(state);
        }
    }

    async fn remove_webhook(&mut self, api: &Api) -> Result<(), End> {
        match self.hurry(api.delete_webhook()).await? {
            Ok(()) => {
                log::info!("The webhook was removed; updates that waited are kept.");
                match self.bot.store.write(bots::webhook_removed).await {
                    Ok(()) => Ok(()),
                    Err(error) => self.wait_for_disk(&error).await,
                }
            }
            Err(error) => self.wait_out(&error).await,
        }
    }

    /// Polls until something else has to be done first.
    async fn polls(&mut self, me: &BotIdentity) -> Result<(), End> {
        loop {
            match self.poll(me).await? {
                Next::Poll => {}
                Next::Webhook => self.clear_webhook().await?,
                Next::Identify => return Ok(()),
            }
        }
    }

    async fn poll(&mut self, me: &BotIdentity) -> Result<Next, End> {
        let api = self.api().await?;
        let offset = match self.bot.store.read(meta::offset) {
            Ok(offset) => offset.map(|id| id.0),
            Err(error) => {
                self.wait_for_disk(&error).await?;
                return Ok(Next::Poll);
            }
        };
        let asked = self.bot.store.clock().elapsed();
        let request = GetUpdates::long(offset, if self.unsure { 0 } else { POLL_S });
        match self.hurry(api.get_updates(&request)).await? {
            Ok(batch) => {
                let quick = self.bot.store.clock().elapsed().saturating_sub(asked) < EMPTY_PAUSE;
                let was_unsure = std::mem::take(&mut self.unsure);
                let empty = batch.updates.is_empty();
                self.take(batch, me, was_unsure).await?;
                if empty && quick && !was_unsure {
                    self.hurry(runtime::sleep(EMPTY_PAUSE)).await?;
                }
                Ok(Next::Poll)
            }
            Err(error) => {
                let (wait, next) = (self.note_failure(&error), Next::after(&error.class));
                // A webhook is looked at right away; a server that then denies it is not asked in a hurry.
                if !(matches!(next, Next::Webhook) && self.backoff.failures() == 1) {
                    self.hurry(runtime::sleep(wait)).await?;
                }
                Ok(next)
            }
        }
    }

    /// A poll was answered and what came is on disk. An answer that was asked for at once does not prove that nobody
    /// else polls: only a poll that was held does.
    fn answered(&mut self, was_unsure: bool, updates: usize) {
        self.bot.health.answered(self.bot.store.clock().now(), updates);
        let contested = matches!(self.bot.health.report().state, State::Conflict { .. });
        if !(was_unsure && contested) {
            self.backoff.succeeded();
            self.bot.health.well();
        }
    }

    /// Commits what came. The commit is not interrupted.
    async fn take(&mut self, batch: Batch, me: &BotIdentity, was_unsure: bool) -> Result<(), End> {
        self.strays.meet(batch.strays);
        if batch.updates.is_empty() {
            self.answered(was_unsure, 0);
            return Ok(());
        }
        let items: Arc<[Item]> = batch
            .updates
            .into_iter()
            .zip(batch.raws)
            .map(|(update, raw)| Item { id: update.id, intent: dispatch::intent(update, &me.username), raw })
            .collect();
        let count = items.len();
        match batch::work(&self.bot.store, items).await {
            Ok(todo) => {
                self.answered(was_unsure, count);
                effects::perform(self.api().await?, todo);
                Ok(())
            }
            Err(error) => self.wait_for_disk(&error).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_that_cannot_be_confirmed_are_told_once_until_they_change() {
        let mut strays = Strays::default();
        let told = |found: &[&str], strays: &mut Strays| {
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            let told = strays.differ(&found);
            strays.meet(found);
            told
        };
        let polls: [&[&str]; 6] = [&[], &["null"], &["null"], &["null", "number"], &[], &["null"]];
        assert_eq!(polls.map(|found| told(found, &mut strays)), [false, true, false, true, false, true]);
    }
}
