//! What each line of an export holds. Every name here is a promise to whoever wrote a reader.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::moment;
use crate::actions::broadcasts::report::Line;
use crate::actions::news;
use crate::ids::{
    AccountId, AdminId, AuditId, BroadcastId, ChatId, DeliveryId, DocumentId, EndpointId, KeyId, LinkId, MessageId,
    PhotoId,
};
use crate::model::account::{Account, Tag};
use crate::model::admin::Admin;
use crate::model::api_key::ApiKey;
use crate::model::broadcast::{Audience, Broadcast, BroadcastState, Pause};
use crate::model::change::Change;
use crate::model::chat::Chat;
use crate::model::delivery::{Delivery, DeliveryState, NO_CHAT, Standing};
use crate::model::document::Document;
use crate::model::event::{Actor, Audit};
use crate::model::link::{Link, LinkState, Revocation, Target};
use crate::model::message::{Body, Button, ButtonAction, Format, Message, MessageKind};
use crate::model::photo::Photo;
use crate::model::quiet::{Quiet, time};
use crate::model::recipient::{RecipientState, Skip};
use crate::model::settings::Saved;
use crate::model::webhook::{Chosen, Endpoint, State};
use crate::store::{Read, StoreError, accounts, admins, broadcasts, deliveries, keys, members, messages, talks};

fn tags(tags: &[Tag]) -> Vec<&str> {
    tags.iter().map(Tag::as_str).collect()
}

pub(super) fn settings(saved: &Saved) -> Value {
    json!({
        "site_name": saved.site_name,
        "site_url": saved.site_url,
        "base_url": saved.base_url,
        "link_lifetime_seconds": saved.link_lifetime_s,
        "messages_kept_days": saved.messages_kept_days,
        "confirm_before_link": saved.confirm_before_link,
        "mask_username": saved.mask_username,
        "automatic_answer": !saved.no_passed_on,
        "portal": !saved.no_portal,
        "rate_global": saved.rate_global,
        "rate_chat": saved.rate_chat,
        "rate_group": saved.rate_group,
    })
}

/// Without password and second factor.
pub(super) fn admin(id: AdminId, admin: &Admin) -> Value {
    json!({
        "id": id.0,
        "name": admin.name.as_str(),
        "role": admin.role.word(),
        "created_at": admin.created.rfc3339(),
    })
}

/// Without its secret.
pub(super) fn webhook(id: EndpointId, endpoint: &Endpoint) -> Value {
    let (state, since) = match &endpoint.state {
        State::Active => ("active", None),
        State::Off { at, .. } => ("off", Some(*at)),
    };
    let events = match &endpoint.events {
        Chosen::All => json!("all"),
        Chosen::Only(names) => json!(names),
    };
    json!({
        "id": id.0,
        "name": endpoint.name,
        "url": endpoint.url,
        "events": events,
        "state": state,
        "off_since": moment(since),
        "created_at": endpoint.created.rfc3339(),
    })
}

/// Without its secret.
pub(super) fn key(id: KeyId, key: &ApiKey) -> Value {
    json!({
        "id": id.0,
        "name": key.name,
        "hint": key.hint,
        "scopes": key.scopes.to_string(),
        "rate": key.rate,
        "created_at": key.created.rfc3339(),
        "expires_at": moment(key.expires),
        "revoked_at": moment(key.revoked),
        "used_at": moment(key.used),
    })
}

pub(super) fn photo(id: PhotoId, photo: &Photo, bytes: Option<Vec<u8>>) -> Value {
    json!({
        "id": id.0,
        "media_type": photo.mime.word(),
        "width": photo.width,
        "height": photo.height,
        "created_at": photo.created.rfc3339(),
        "base64": bytes.map(|bytes| STANDARD.encode(bytes)),
    })
}

pub(super) fn document(id: DocumentId, document: &Document) -> Value {
    json!({
        "id": id.0,
        "name": document.name,
        "media_type": document.mime,
        "size": document.size,
        "created_at": document.created.rfc3339(),
    })
}

pub(super) fn piece(id: DocumentId, number: u32, bytes: &[u8]) -> Value {
    json!({ "document_id": id.0, "number": number, "base64": STANDARD.encode(bytes) })
}

pub(super) fn recipient(id: BroadcastId, line: &Line) -> Value {
    let row = &line.recipient;
    let (telegram, reason, at) = match &row.state {
        RecipientState::Queued { .. } | RecipientState::Sending { .. } => (None, None, None),
        RecipientState::Sent { telegram, at } => (Some(telegram.0), None, Some(*at)),
        RecipientState::Failed { reason, at } => (None, Some(reason.word()), Some(*at)),
        RecipientState::Uncertain { at } | RecipientState::Cancelled { at } => (None, None, Some(*at)),
        RecipientState::Skipped { why, at } => (None, Some(skipped(*why)), Some(*at)),
    };
    json!({
        "broadcast_id": id.0,
        "username": line.account.as_ref().map(|(username, _)| username.as_str()),
        "chat_id": row.chat.0,
        "state": row.standing().word(),
        "reason": reason,
        "telegram_message_id": telegram,
        "ended_at": moment(at),
        "answer": row.answer,
    })
}

fn quiet(quiet: &Quiet) -> Value {
    let manner = if quiet.silent { "silent" } else { "wait" };
    json!({ "from": time(quiet.from), "until": time(quiet.until), "zone": quiet.zone, "broadcasts": manner })
}

fn skipped(why: Skip) -> &'static str {
    match why {
        Skip::Unbound => "unlinked",
        Skip::Lost => "blocked",
        Skip::Muted => "muted",
    }
}

/// Shapes that name what stands in other rows.
pub(super) struct Shapes<'r, R> {
    read: &'r R,
}

impl<'r, R: Read> Shapes<'r, R> {
    pub(super) fn new(read: &'r R) -> Self {
        Self { read }
    }

    /// An account's name; nothing when it is gone.
    fn username(&self, id: Option<AccountId>) -> Result<Option<String>, StoreError> {
        let Some(id) = id else { return Ok(None) };
        Ok(accounts::get(self.read, id)?.map(|row| row.username.to_string()))
    }

    fn admin_name(&self, id: AdminId) -> Result<String, StoreError> {
        Ok(admins::get(self.read, id)?.map_or_else(|| id.to_string(), |row| row.name.to_string()))
    }

    /// Who did something.
    fn actor(&self, actor: Actor) -> Result<String, StoreError> {
        Ok(match actor {
            Actor::System => "system".to_owned(),
            Actor::Website => "website".to_owned(),
            Actor::Person(id) => format!("account:{}", self.username(Some(id))?.unwrap_or_else(|| id.to_string())),
            Actor::Operator => "operator".to_owned(),
            Actor::Admin(id) => format!("admin:{}", self.admin_name(id)?),
            Actor::Chat(id) => format!("chat:{id}"),
            Actor::Key(id) => {
                let name = keys::get(self.read, id)?.map_or_else(|| id.to_string(), |row| row.name);
                format!("key:{name}")
            }
        })
    }

    /// With how the team stands to its conversation, and since when its person may sign in to the portal.
    pub(super) fn account(&self, id: AccountId, account: &Account) -> Result<Value, StoreError> {
        let talk = talks::get(self.read, id)?;
        let assigned = talk.as_ref().and_then(|talk| talk.assigned).map(|admin| self.admin_name(admin)).transpose()?;
        let member = members::get(self.read, id)?;
        Ok(json!({
            "username": account.username.as_str(),
            "name": account.name,
            "tags": tags(&account.tags),
            "state": account.state().word(),
            "created_at": account.created.rfc3339(),
            "conversation": talk.map(|talk| json!({
                "read_up_to": talk.read.0,
                "closed": talk.closed,
                "assigned_to": assigned,
            })),
            "portal": member.map(|member| json!({
                "since": member.created.rfc3339(),
                "second_factor": member.credentials.totp_sealed.is_some(),
            })),
        }))
    }

    pub(super) fn chat(&self, id: ChatId, chat: &Chat) -> Result<Value, StoreError> {
        Ok(json!({
            "chat_id": id.0,
            "username": self.username(chat.account())?,
            "admin": chat.admin.map(|admin| self.admin_name(admin)).transpose()?,
            "linked_at": moment(chat.binding.map(|binding| binding.since)),
            "reachability": chat.reachability.word(),
            "muted_at": moment(chat.muted),
            "quiet": chat.quiet.as_ref().map(quiet),
            "first_seen_at": chat.first_seen.rfc3339(),
            "last_heard_at": chat.last_heard.rfc3339(),
            "telegram": {
                "name": chat.profile.name,
                "username": chat.profile.username,
                "language": chat.profile.language,
            },
        }))
    }

    /// Without its code.
    pub(super) fn link(&self, id: LinkId, link: &Link) -> Result<Value, StoreError> {
        let (account, admin) = match link.target {
            Target::Account(account) => (Some(account), None),
            Target::Admin(admin) => (None, Some(admin)),
        };
        let (chat, reason) = match link.state {
            LinkState::Held { chat, .. } | LinkState::Used { chat, .. } => (Some(chat.0), None),
            LinkState::Revoked { why, .. } => (None, Some(revoked(why))),
            LinkState::Open | LinkState::Expired { .. } => (None, None),
        };
        let metadata: Option<Value> = link.metadata.as_ref().and_then(|text| serde_json::from_str(text).ok());
        Ok(json!({
            "id": id.0,
            "username": self.username(account)?,
            "admin": admin.map(|admin| self.admin_name(admin)).transpose()?,
            "state": link.status(self.read.now()).word(),
            "reason": reason,
            "chat_id": chat,
            "by": self.actor(link.issued_by)?,
            "created_at": link.issued.rfc3339(),
            "expires_at": link.expires.rfc3339(),
            "ended_at": moment(link.ended()),
            "return_url": link.return_url,
            "metadata": metadata,
        }))
    }

    pub(super) fn message(&self, id: MessageId, message: &Message) -> Result<Value, StoreError> {
        let telegram = if let MessageKind::Incoming(telegram) = message.kind { Some(telegram.0) } else { None };
        let rows = deliveries::of_message(self.read, id)?;
        let deliveries: Vec<Value> = rows.iter().map(|(id, row)| delivery(*id, row)).collect();
        let mut fields = json!({
            "id": id.0,
            "at": message.at.rfc3339(),
            "kind": kind(message.kind),
            "username": self.username(message.account)?,
            "chat_id": message.chat.map(|chat| chat.0),
            "by": self.actor(message.actor)?,
            "telegram_message_id": telegram,
            "deliveries": deliveries,
            "answer": message.answer.as_ref().map(|answer| json!({
                "button": answer.button,
                "chat_id": answer.chat.0,
                "at": answer.at.rfc3339(),
            })),
        });
        say(&mut fields, messages::body(self.read, message).as_ref());
        Ok(fields)
    }

    pub(super) fn broadcast(&self, id: BroadcastId, row: &Broadcast) -> Result<Value, StoreError> {
        let figures = broadcasts::figures(self.read, id)?;
        let counts: Map<String, Value> = Standing::ALL
            .into_iter()
            .map(|standing| (standing.word().to_owned(), figures.count(standing).into()))
            .collect();
        let scheduled = if let BroadcastState::Scheduled { at } = row.state { Some(at) } else { None };
        let paused = if let BroadcastState::Paused { why, .. } = &row.state { Some(Pause::word(why)) } else { None };
        let mut fields = json!({
            "id": id.0,
            "state": row.status().word(),
            "reason": paused,
            "audience": self.audience(&row.audience)?,
            "rate": row.rate,
            "paid": row.paid,
            "by": self.actor(row.actor)?,
            "created_at": row.created.rfc3339(),
            "scheduled_for": moment(scheduled),
            "started_at": moment(row.started),
            "ended_at": moment(row.state.ended()),
            "counts": counts,
        });
        say(&mut fields, broadcasts::body(self.read, id)?.as_ref());
        Ok(fields)
    }

    fn audience(&self, audience: &Audience) -> Result<Value, StoreError> {
        Ok(match audience {
            Audience::Everyone => json!({ "all": true }),
            Audience::Tags(filter) => {
                json!({ "tags": { "all": tags(&filter.all), "any": tags(&filter.any), "none": tags(&filter.none) } })
            }
            Audience::Picked(ids) => {
                let names = ids.iter().map(|id| self.username(Some(*id))).collect::<Result<Vec<_>, StoreError>>()?;
                json!({ "usernames": names.into_iter().flatten().collect::<Vec<_>>() })
            }
            Audience::Again { of, ended } => json!({ "again": { "broadcast_id": of.0, "state": ended.word() } }),
        })
    }

    pub(super) fn audit(&self, id: AuditId, entry: &Audit) -> Result<Value, StoreError> {
        Ok(json!({
            "id": id.0,
            "at": entry.at.rfc3339(),
            "by": self.actor(entry.actor)?,
            "action": entry.action,
            "subject": entry.subject,
        }))
    }
}

fn revoked(why: Revocation) -> &'static str {
    match why {
        Revocation::Superseded => "superseded",
        Revocation::Asked => "asked",
        Revocation::AccountDeleted => "account_deleted",
    }
}

fn kind(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Incoming(_) => "incoming",
        MessageKind::Answer(_) => "answer",
        MessageKind::Personal => "personal",
        MessageKind::Notice => "notice",
    }
}

/// What is said; nulls when it can no longer be read.
fn say(fields: &mut Value, body: Option<&Body>) {
    let format = |body: &Body| match body.format {
        Format::Plain => "plain",
        Format::Html => "html",
    };
    let button = |button: &Button| match &button.action {
        ButtonAction::Open(url) => json!({ "label": button.label, "url": url, "value": null }),
        ButtonAction::Tell(_) => json!({ "label": button.label, "url": null, "value": null }),
        ButtonAction::Answer(value) => json!({ "label": button.label, "url": null, "value": value }),
    };
    let rows = |body: &Body| body.buttons.iter().map(|row| row.iter().map(button).collect()).collect::<Vec<Value>>();
    let said = [
        ("text", body.map(|body| body.text.as_str()).into()),
        ("format", body.map(format).into()),
        ("buttons", body.map(rows).into()),
        ("photo_id", body.and_then(|body| body.photo).map(|photo| photo.0).into()),
        ("document_id", body.and_then(|body| body.document).map(|document| document.0).into()),
        ("reply_to", body.and_then(|body| body.quotes).map(|quoted| quoted.0).into()),
        ("answer_within", body.and_then(|body| body.answer_within).into()),
        ("silent", body.map(|body| body.silent).into()),
        ("protect", body.map(|body| body.protect).into()),
    ];
    if let Some(map) = fields.as_object_mut() {
        let all = said.into_iter().chain(news::carried(body));
        map.extend(all.map(|(name, value): (_, Value)| (name.to_owned(), value)));
    }
}

fn delivery(id: DeliveryId, row: &Delivery) -> Value {
    let (reason, detail) = news::why(row);
    let (telegram, ended) = match &row.state {
        DeliveryState::Queued { .. } | DeliveryState::Sending { .. } => (None, None),
        DeliveryState::Sent { telegram, at } => (Some(telegram.0), Some(*at)),
        DeliveryState::Failed { at, .. }
        | DeliveryState::Uncertain { at }
        | DeliveryState::Cancelled { at }
        | DeliveryState::Expired { at }
        | DeliveryState::Skipped { at } => (None, Some(*at)),
    };
    json!({
        "chat_id": Some(id.chat).filter(|chat| *chat != NO_CHAT).map(|chat| chat.0),
        "state": row.state.standing().word(),
        "reason": reason,
        "detail": detail,
        "telegram_message_id": telegram,
        "possible_duplicate": row.is_possible_duplicate(),
        "queued_at": row.queued.rfc3339(),
        "ended_at": moment(ended),
        "edited_at": moment(row.change.as_ref().and_then(|change| change.edited)),
        "deleted_at": moment(row.change.as_ref().and_then(Change::deleted)),
    })
}
