//! How the bot gets its updates: getUpdates with long polling, and the webhook methods that stand in its way.

use std::time::Duration;

use serde_json::json;

use super::params::Params;
use super::refusal::Refusal;
use super::world::{Core, Moment, Poll, Webhook, World};
use crate::runtime;

/// The longest that Telegram's server lets a poll wait.
const LONGEST: Duration = Duration::from_secs(50);

const WEBHOOK_ACTIVE: &str =
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
const OTHER_POLLER: &str =
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
const BY_WEBHOOK: &str = "Conflict: terminated by setWebhook request";

/// `getUpdates`. Its future may be dropped at any time; nothing is confirmed by waiting.
pub(super) async fn get_updates(core: &Core, params: &Params) -> Result<String, Refusal> {
    let limit =
        usize::try_from(params.int("limit").filter(|limit| (1..=100).contains(limit)).unwrap_or(100)).unwrap_or(100);
    let timeout =
        Duration::from_secs(params.int("timeout").and_then(|s| u64::try_from(s).ok()).unwrap_or(0)).min(LONGEST);
    let mut seen = core.arrivals.value();
    let (number, batch) = {
        let mut world = core.world();
        let number = begin(&mut world, params, core.moment())?;
        (number, world.queue.batch(limit))
    };
    // An older poller that waits has to look and find itself overtaken.
    core.arrivals.beat();
    core.changes.beat();
    if let Some(batch) = batch {
        return Ok(batch);
    }
    let wait = async {
        loop {
            seen = core.arrivals.after(seen).await;
            let world = core.world();
            if world.poll.number != number {
                return Err(Refusal::new(409, if world.poll.by_webhook { BY_WEBHOOK } else { OTHER_POLLER }));
            }
            if let Some(batch) = world.queue.batch(limit) {
                return Ok(batch);
            }
        }
    };
    if timeout.is_zero() {
        return Ok("[]".to_owned());
    }
    let wait = runtime::race(wait, async {
        core.stop.wait().await;
        Ok("[]".to_owned())
    });
    runtime::timeout(timeout, wait).await.unwrap_or_else(|_| Ok("[]".to_owned()))
}

fn begin(world: &mut World, params: &Params, moment: Moment) -> Result<u64, Refusal> {
    if world.webhook.is_some() {
        return Err(Refusal::new(409, WEBHOOK_ACTIVE));
    }
    allow(world, params);
    world.polls += 1;
    world.poll = Poll { number: world.poll.number + 1, by_webhook: false };
    world.queue.confirm(moment.now, params.int("offset").unwrap_or(0));
    Ok(world.poll.number)
}

/// Omitted or unreadable: the filter stays as it was.
fn allow(world: &mut World, params: &Params) {
    if let Some(kinds) = params.find("allowed_updates").and_then(|json| serde_json::from_str(json).ok()) {
        world.queue.allow(kinds);
    }
}

/// `setWebhook`. An empty address is the same as deleteWebhook. The sandbox never calls a webhook.
pub(super) fn set_webhook(world: &mut World, params: &Params) -> Result<String, Refusal> {
    let url = params.text("url");
    if url.is_empty() {
        return Ok(delete_webhook(world, params));
    }
    if !url.starts_with("https://") {
        return Err(Refusal::bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let secret = params.text("secret_token");
    if secret.len() > 256 || !secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(Refusal::bad("secret token contains unallowed characters"));
    }
    allow(world, params);
    let max_connections = params.int("max_connections").filter(|count| (1..=100).contains(count)).unwrap_or(40);
    world.webhook = Some(Webhook { url: url.to_owned(), max_connections });
    world.poll = Poll { number: world.poll.number + 1, by_webhook: true };
    drop_pending(world, params);
    Ok("true".to_owned())
}

/// `deleteWebhook`.
pub(super) fn delete_webhook(world: &mut World, params: &Params) -> String {
    world.webhook = None;
    drop_pending(world, params);
    "true".to_owned()
}

fn drop_pending(world: &mut World, params: &Params) {
    if params.flag("drop_pending_updates") {
        world.queue.clear();
    }
}

/// `getWebhookInfo`.
pub(super) fn webhook_info(world: &World) -> String {
    let mut info = json!({
        "url": world.webhook.as_ref().map_or("", |webhook| webhook.url.as_str()),
        "has_custom_certificate": false,
        "pending_update_count": world.queue.waiting().len(),
    });
    if let Some(fields) = info.as_object_mut() {
        if let Some(webhook) = &world.webhook {
            fields.insert("max_connections".to_owned(), webhook.max_connections.into());
        }
        if let Some(kinds) = world.queue.allowed() {
            fields.insert("allowed_updates".to_owned(), json!(kinds));
        }
    }
    info.to_string()
}
