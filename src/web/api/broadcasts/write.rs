//! Broadcasts as they are written: a new one, and what is changed of a draft.

use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::body::Fields;
use super::super::content::{self, Ways, Within, Words, or_drop, said};
use super::super::doc::{Answer, Doc, Sent};
use super::super::repeat::{Entry, When, marked};
use super::super::wrong;
use super::{ALL, CHANGED, NAMES, ONE, WRITE, answer, existing};
use crate::actions::broadcasts::audience;
use crate::actions::broadcasts::{self, Draft};
use crate::actions::keys::Holder;
use crate::model::broadcast::Audience;
use crate::model::message::Attachment;
use crate::model::repeat::Outcome;
use crate::store::Tx;

const CREATE: Doc = Doc {
    id: "createBroadcast",
    summary: "Write a broadcast",
    text: "It is a draft until it is started. `{username}` and `{name}` in its text are filled in for each account. With a file \
           the request is `multipart/form-data`: the object in the part `json`, the file in the part `photo` or `document`.",
    query: &[],
    body: Some(
        Sent::json("NewBroadcast", r#"{"text": "Hello {name}", "audience": {"tags": {"any": ["vip"]}}}"#).with_file(),
    ),
    answers: &[Answer::json(201, "Broadcast", "The draft.")],
};
const PATCH: Doc = Doc {
    id: "patchBroadcast",
    summary: "Change a draft",
    text: "Or a scheduled broadcast; with another audience, or one that may cost something, it is a draft again. What is left out \
           stays as it is; `\"photo\": null` takes its picture away, `\"document\": null` its document, and another file takes the \
           place of either.",
    query: &[],
    body: Some(Sent::json("BroadcastPatch", r#"{"text": "Hello again {name}"}"#).with_file()),
    answers: CHANGED,
};
pub(super) fn rows() -> Vec<Row> {
    vec![Row::key(Method::Post, ALL, WRITE, &CREATE, create), Row::key(Method::Patch, ONE, WRITE, &PATCH, change)]
}

/// `POST /api/v1/broadcasts`
async fn create(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let mut parcel = content::parcel(&mut call, &holder).await?;
    let entry = Entry::of(&call, &holder, &parcel.bytes)?;
    if let Some(outcome) = entry.before() {
        return Ok(marked(answer(&call, 201, outcome)?, When::Before));
    }
    let body = said(&mut parcel.fields)?;
    let audience = audience(&call, &mut parcel.fields)?.ok_or_else(|| wrong::missing("audience"))?;
    let rate = Rate::take(&mut parcel.fields)?.after(None);
    let paid = parcel.fields.flag("paid")?;
    parcel.done()?;
    let kept = parcel.keep(&call, &holder).await?;
    let body = body.with_attachment(kept);
    let draft = Draft { body, audience, rate, paid };
    let (caller, config) = (holder.caller(), call.state().config().clone());
    let effect = move |tx: &mut Tx<'_>| Ok(Outcome::Broadcast(broadcasts::create(tx, &caller, &config, &draft)?));
    let (outcome, when) = or_drop(&call, kept, entry.once(&call, NAMES, effect).await).await?;
    Ok(marked(answer(&call, 201, &outcome)?, when))
}

/// `PATCH /api/v1/broadcasts/{id}`
async fn change(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let mut parcel = content::parcel(&mut call, &holder).await?;
    let fields = &mut parcel.fields;
    let (words, ways) = (Words::take(fields)?, Ways::take(fields)?);
    let audience = audience(&call, fields)?;
    let rate = Rate::take(fields)?;
    let paid = fields.choice("paid")?;
    let within = Within::take(fields)?;
    let (no_photo, no_document) = (taken_away(fields, "photo")?, taken_away(fields, "document")?);
    parcel.done()?;
    let kept = parcel.keep(&call, &holder).await?;
    let (caller, config) = (holder.caller(), call.state().config().clone());
    let amend = move |draft: &mut Draft| {
        words.put(&mut draft.body);
        ways.put(&mut draft.body);
        within.put(&mut draft.body);
        let carried = kept.or_else(|| {
            draft.body.attachment().filter(|attachment| match attachment {
                Attachment::Photo(_) => !no_photo,
                Attachment::Document(_) => !no_document,
            })
        });
        draft.body = std::mem::take(&mut draft.body).with_attachment(carried);
        if let Some(audience) = &audience {
            draft.audience.clone_from(audience);
        }
        draft.rate = rate.after(draft.rate);
        draft.paid = paid.unwrap_or(draft.paid);
    };
    let done = call.state().store().write(move |tx| broadcasts::amend(tx, &caller, &config, id, &amend)).await;
    let done = or_drop(&call, kept, done.map_err(|error| wrong::refused(error, NAMES))).await;
    done?;
    answer(&call, 200, &Outcome::Broadcast(id))
}

/// Whether a file is to be taken away: the field is `null`.
fn taken_away(fields: &mut Fields, name: &'static str) -> Result<bool, Problem> {
    let is_null = fields.is_null(name);
    match fields.value(name) {
        Some(_) => Err(wrong::invalid(name, "A file comes as a part of a form; null takes it away.")),
        None => Ok(is_null),
    }
}

/// What is told of the rate.
#[derive(Clone, Copy)]
enum Rate {
    /// Nothing.
    Untold,
    /// It has none of its own.
    None,
    /// Messages a second.
    Own(u32),
}

impl Rate {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let is_null = fields.is_null("rate");
        match fields.count("rate")?.map(u32::try_from) {
            Some(rate) => rate.map(Self::Own).map_err(|_| wrong::invalid("rate", "This is too fast.")),
            None if is_null => Ok(Self::None),
            None => Ok(Self::Untold),
        }
    }

    /// The rate, after one that was `before`.
    fn after(self, before: Option<u32>) -> Option<u32> {
        match self {
            Self::Untold => before,
            Self::None => None,
            Self::Own(rate) => Some(rate),
        }
    }
}

/// The audience that is told, with its names looked up.
fn audience(call: &Call, fields: &mut Fields) -> Result<Option<Audience>, Problem> {
    let Some(given) = fields.object("audience")? else { return Ok(None) };
    match wanted(given)? {
        Wanted::Audience(audience) => Ok(Some(audience)),
        Wanted::Usernames(names) => {
            let found = call.state().store().read(|read| audience::picked(read, &names.join("\n")));
            found.map(Some).map_err(|error| wrong::refused(error, NAMES))
        }
    }
}

/// For whom a broadcast is to be, before names are looked up.
enum Wanted {
    Audience(Audience),
    Usernames(Vec<String>),
}

fn wanted(mut given: Fields) -> Result<Wanted, Problem> {
    let everyone = given.flag("all")?;
    let tags = given.object("tags")?;
    let names = given.texts("usernames")?;
    given.done()?;
    match (everyone, tags, names) {
        (true, None, None) => Ok(Wanted::Audience(Audience::Everyone)),
        (false, None, Some(names)) => Ok(Wanted::Usernames(names)),
        (false, Some(mut tags), None) => {
            let mut list = |name: &str| Ok::<_, Problem>(tags.texts(name)?.unwrap_or_default().join(","));
            let (all, any, none) = (list("all")?, list("any")?, list("none")?);
            tags.done()?;
            let audience = audience::tags(&all, &any, &none);
            Ok(Wanted::Audience(audience.map_err(|refusal| wrong::refused(refusal.into(), NAMES))?))
        }
        _ => Err(wrong::invalid("audience", "Give one of these: {\"all\": true}, tags or usernames.")),
    }
}
