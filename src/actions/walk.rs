//! Any sequence of actions leaves the file whole: every index, count and reference, as the check of the data file
//! knows them, and every refusal before the first write.

use std::time::Duration;

use proptest::prelude::*;

use crate::actions::accounts::{self, NewAccount};
use crate::actions::broadcasts::tests::settle_rows;
use crate::actions::broadcasts::{Approval, Draft, expand};
use crate::actions::messages::{SendOptions, To};
use crate::actions::pictures::Picture;
use crate::actions::sweep::Kept;
use crate::actions::testing::{Desk, OWNER, config, profile};
use crate::actions::{Caller, Error, broadcasts, chats, documents, links, messages, pictures, sweep};
use crate::ids::{AccountId, AdminId, BroadcastId, ChatId, DocumentId, LinkId, MessageId, PhotoId, TelegramMessageId};
use crate::model::broadcast::{Audience, BroadcastStatus};
use crate::model::chat::Reachability;
use crate::model::delivery::Standing;
use crate::model::document::Document;
use crate::model::event::{Actor, Unlinked};
use crate::model::link::Target;
use crate::model::message::{Attachment, Body, Weight};
use crate::model::photo::Mime;
use crate::store::{self, Failure as _, Read as _, StoreError, Tx};

/// Something that may happen, to one of a few accounts, chats, links and messages.
#[derive(Clone, Copy, Debug)]
enum Step {
    Account(AccountStep),
    Chat(i64, ChatStep),
    Link(LinkStep),
    Message(MessageStep),
    Broadcast(u64, BroadcastStep),
    Sweep,
    Pass(u64),
}

#[derive(Clone, Copy, Debug)]
enum AccountStep {
    Create(usize),
    Rename(u64, usize),
    Delete(u64),
}

#[derive(Clone, Copy, Debug)]
enum ChatStep {
    Note,
    Bind(u64),
    BindAdmin,
    Unbind(Unlinked),
    UnbindAdmin,
    Reach(Reachability),
    Mute(bool),
    Migrate(i64),
}

#[derive(Clone, Copy, Debug)]
enum LinkStep {
    Issue(Target),
    Revoke(u64),
    Hold(u64, i64),
    Use(u64, i64),
}

#[derive(Clone, Copy, Debug)]
enum MessageStep {
    Answer(i64, Weight),
    Receive(i64),
    Send(To),
    Cancel(u64),
}

#[derive(Clone, Copy, Debug)]
enum BroadcastStep {
    Photo,
    Document,
    Create(Option<Attachment>),
    Edit(Option<Attachment>),
    Start,
    Schedule,
    Due,
    Piece,
    Settle(Standing),
    Pause,
    Resume,
    Cancel,
    Duplicate,
    Again(Standing),
    Remove,
}

const NAMES: [&str; 4] = ["ada", "ben", "cleo", "dan"];
const ADMIN: AdminId = AdminId(1);

fn account_step() -> impl Strategy<Value = AccountStep> {
    let (account, name) = (1..6_u64, 0..NAMES.len());
    prop_oneof![
        name.clone().prop_map(AccountStep::Create),
        (account.clone(), name).prop_map(|(id, name)| AccountStep::Rename(id, name)),
        account.prop_map(AccountStep::Delete),
    ]
}

fn chat_step() -> impl Strategy<Value = ChatStep> {
    prop_oneof![
        1 => Just(ChatStep::Note),
        4 => (1..6_u64).prop_map(ChatStep::Bind),
        1 => Just(ChatStep::BindAdmin),
        1 => Just(ChatStep::Unbind(Unlinked::ByPerson)),
        1 => Just(ChatStep::Unbind(Unlinked::BySite)),
        1 => Just(ChatStep::UnbindAdmin),
        1 => proptest::sample::select(Reachability::ALL.to_vec()).prop_map(ChatStep::Reach),
        2 => any::<bool>().prop_map(ChatStep::Mute),
        1 => (1..5_i64).prop_map(ChatStep::Migrate),
    ]
}

fn link_step() -> impl Strategy<Value = LinkStep> {
    let (link, chat) = (1..9_u64, 1..5_i64);
    prop_oneof![
        3 => (1..6_u64).prop_map(|id| LinkStep::Issue(Target::Account(AccountId(id)))),
        1 => Just(LinkStep::Issue(Target::Admin(ADMIN))),
        1 => link.clone().prop_map(LinkStep::Revoke),
        1 => (link.clone(), chat.clone()).prop_map(|(link, chat)| LinkStep::Hold(link, chat)),
        1 => (link, chat).prop_map(|(link, chat)| LinkStep::Use(link, chat)),
    ]
}

fn message_step() -> impl Strategy<Value = MessageStep> {
    let chat = 1..5_i64;
    let weight = prop_oneof![Just(Weight::Courtesy), Just(Weight::Command), Just(Weight::Outcome)];
    prop_oneof![
        3 => (chat.clone(), weight).prop_map(|(chat, weight)| MessageStep::Answer(chat, weight)),
        1 => chat.clone().prop_map(MessageStep::Receive),
        2 => (1..6_u64).prop_map(|id| MessageStep::Send(To::Account(AccountId(id)))),
        1 => chat.prop_map(|id| MessageStep::Send(To::Chat(ChatId(id)))),
        1 => Just(MessageStep::Send(To::Admin(ADMIN))),
        1 => (1..30_u64).prop_map(MessageStep::Cancel),
    ]
}

fn broadcast_step() -> impl Strategy<Value = BroadcastStep> {
    let attachment = prop_oneof![
        (1..4_u64).prop_map(|id| Attachment::Photo(PhotoId(id))),
        (1..4_u64).prop_map(|id| Attachment::Document(DocumentId(id))),
    ];
    let attachment = proptest::option::of(attachment);
    let ended = prop_oneof![Just(Standing::Sent), Just(Standing::Failed), Just(Standing::Uncertain)];
    let open = prop_oneof![Just(Standing::Queued), Just(Standing::Sending)];
    prop_oneof![
        1 => Just(BroadcastStep::Photo),
        1 => Just(BroadcastStep::Document),
        3 => attachment.clone().prop_map(BroadcastStep::Create),
        1 => attachment.prop_map(BroadcastStep::Edit),
        3 => Just(BroadcastStep::Start),
        1 => Just(BroadcastStep::Schedule),
        1 => Just(BroadcastStep::Due),
        6 => Just(BroadcastStep::Piece),
        1 => open.prop_map(BroadcastStep::Settle),
        2 => ended.clone().prop_map(BroadcastStep::Settle),
        1 => Just(BroadcastStep::Pause),
        2 => Just(BroadcastStep::Resume),
        1 => Just(BroadcastStep::Cancel),
        1 => Just(BroadcastStep::Duplicate),
        2 => ended.prop_map(BroadcastStep::Again),
        1 => Just(BroadcastStep::Remove),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => account_step().prop_map(Step::Account),
        6 => (1..5_i64, chat_step()).prop_map(|(chat, step)| Step::Chat(chat, step)),
        4 => link_step().prop_map(Step::Link),
        6 => message_step().prop_map(Step::Message),
        8 => (1..4_u64, broadcast_step()).prop_map(|(id, step)| Step::Broadcast(id, step)),
        1 => Just(Step::Sweep),
        1 => (1..90_u64 * 24 * 60).prop_map(Step::Pass),
    ]
}

fn take(tx: &mut Tx<'_>, step: Step) -> Result<(), Error> {
    match step {
        Step::Account(step) => take_account(tx, step),
        Step::Chat(chat, step) => take_chat(tx, ChatId(chat), step),
        Step::Link(step) => take_link(tx, step),
        Step::Message(step) => take_message(tx, step),
        Step::Broadcast(id, step) => take_broadcast(tx, BroadcastId(id), step),
        Step::Sweep => {
            links::sweep(tx, 3)?;
            sweep::run(tx, &Kept::default()).map(|_| ())
        }
        Step::Pass(_) => Ok(()),
    }
}

fn take_account(tx: &mut Tx<'_>, step: AccountStep) -> Result<(), Error> {
    let typed = |name: usize| NewAccount { username: NAMES[name], name: "", tags: NAMES[name] };
    match step {
        AccountStep::Create(name) => accounts::create(tx, &OWNER, typed(name)).map(|_| ()),
        AccountStep::Rename(id, name) => accounts::edit(tx, &OWNER, AccountId(id), typed(name)).map(|_| ()),
        AccountStep::Delete(id) => accounts::delete(tx, &OWNER, AccountId(id)),
    }
}

fn take_chat(tx: &mut Tx<'_>, chat: ChatId, step: ChatStep) -> Result<(), Error> {
    let person = Caller::internal(Actor::Chat(chat));
    match step {
        ChatStep::Note => chats::note(tx, chat, profile()).map(|_| ()),
        ChatStep::Bind(account) => chats::bind(tx, chat, AccountId(account)).map(|_| ()),
        ChatStep::BindAdmin => chats::bind_admin(tx, chat, ADMIN).map(|_| ()),
        ChatStep::Unbind(why) => chats::unbind(tx, &person, chat, why).map(|_| ()),
        ChatStep::UnbindAdmin => chats::unbind_admin(tx, &OWNER, chat).map(|_| ()),
        ChatStep::Reach(reach) => chats::set_reachability(tx, chat, reach),
        ChatStep::Mute(muted) => chats::set_muted(tx, chat, muted).map(|_| ()).map_err(Error::from),
        ChatStep::Migrate(to) => chats::migrate(tx, chat, ChatId(to)).map_err(Error::from),
    }
}

fn take_link(tx: &mut Tx<'_>, step: LinkStep) -> Result<(), Error> {
    let live = |tx: &Tx<'_>, id: u64| {
        let row = store::links::get(tx, LinkId(id))?.filter(|link| link.ended().is_none());
        Ok::<_, StoreError>(row.map(|link| (LinkId(id), link)))
    };
    match step {
        LinkStep::Issue(target) => links::issue(tx, &OWNER, target, Duration::from_hours(1)).map(|_| ()),
        LinkStep::Revoke(id) => links::revoke(tx, &OWNER, LinkId(id)).map(|_| ()),
        LinkStep::Hold(id, chat) => {
            if let Some((id, link)) = live(tx, id)? {
                let until = tx.now().plus(Duration::from_mins(10));
                links::hold(tx, id, &link, ChatId(chat), until)?;
            }
            Ok(())
        }
        LinkStep::Use(id, chat) => {
            if let Some((id, link)) = live(tx, id)? {
                links::mark_used(tx, id, &link, ChatId(chat))?;
            }
            Ok(())
        }
    }
}

fn take_message(tx: &mut Tx<'_>, step: MessageStep) -> Result<(), Error> {
    let owner = |tx: &Tx<'_>, chat: i64| {
        Ok::<_, StoreError>(store::chats::get(tx, ChatId(chat))?.and_then(|chat| chat.account()))
    };
    match step {
        MessageStep::Answer(chat, weight) => {
            let account = owner(tx, chat)?;
            messages::answer(tx, ChatId(chat), account, weight, &Body::plain("a")).map(|_| ())
        }
        MessageStep::Receive(chat) => {
            let account = owner(tx, chat)?;
            messages::receive(tx, ChatId(chat), account, TelegramMessageId(1), &Body::plain("r")).map(|_| ())
        }
        MessageStep::Send(to) => messages::send(tx, &OWNER, to, Body::plain("s"), SendOptions::default()).map(|_| ()),
        MessageStep::Cancel(id) => messages::cancel(tx, &OWNER, MessageId(id)).map(|_| ()),
    }
}

fn take_broadcast(tx: &mut Tx<'_>, id: BroadcastId, step: BroadcastStep) -> Result<(), Error> {
    let approved = Approval { chats: 1, typed: None, revision: None };
    let draft = |attachment: Option<Attachment>| {
        let body = Body::plain("b").with_attachment(attachment);
        Draft { body, audience: Audience::Everyone, rate: None, paid: false }
    };
    match step {
        BroadcastStep::Photo => {
            let bytes = vec![1, 2, 3];
            let picture = Picture { bytes, mime: Mime::Jpeg, width: 9, height: 9 };
            let (photo, sealed) = picture.seal(tx);
            pictures::add(tx, &OWNER, &photo, sealed).map(|_| ())
        }
        BroadcastStep::Document => {
            let id = documents::begin(tx, &OWNER, "a.txt", "text/plain")?;
            let sealed = tx.sealer().seal(Document::PURPOSE, &[1, 2, 3]);
            documents::append(tx, id, 0, &sealed)?;
            documents::finish(tx, &OWNER, id, 3)
        }
        BroadcastStep::Create(with) => broadcasts::create(tx, &OWNER, &config(&[]), &draft(with)).map(|_| ()),
        BroadcastStep::Edit(with) => broadcasts::edit(tx, &OWNER, &config(&[]), id, &draft(with)).map(|_| ()),
        BroadcastStep::Start => broadcasts::start(tx, &OWNER, id, approved),
        BroadcastStep::Schedule => {
            let at = tx.now().plus(Duration::from_hours(1));
            broadcasts::schedule(tx, &OWNER, id, at, approved)
        }
        BroadcastStep::Due => broadcasts::due(tx, id).map(|_| ()),
        BroadcastStep::Piece => {
            let Some(broadcast) = store::broadcasts::get(tx, id)? else { return Ok(()) };
            let looked = store::broadcasts::figures(tx, id)?.looked;
            let chunk = expand::look(tx, &broadcast, looked, 2)?;
            expand::write(tx, id, looked, &chunk).map(|_| ())
        }
        BroadcastStep::Settle(standing) => settle(tx, id, standing),
        BroadcastStep::Pause => broadcasts::pause(tx, &OWNER, id),
        BroadcastStep::Resume => broadcasts::resume(tx, &OWNER, id),
        BroadcastStep::Cancel => broadcasts::cancel(tx, &OWNER, id),
        BroadcastStep::Duplicate => broadcasts::duplicate(tx, &OWNER, id).map(|_| ()),
        BroadcastStep::Again(ended) => broadcasts::again(tx, &OWNER, id, ended).map(|_| ()),
        BroadcastStep::Remove => broadcasts::remove(tx, &OWNER, id),
    }
}

/// As the sender does, which takes only what runs.
fn settle(tx: &mut Tx<'_>, id: BroadcastId, standing: Standing) -> Result<(), Error> {
    let row = store::broadcasts::get(tx, id)?;
    if row.is_none_or(|row| row.status() != BroadcastStatus::Sending) {
        return Ok(());
    }
    settle_rows(
        tx,
        id,
        match standing {
            Standing::Sent => |row| if row.chat.0 % 2 == 0 { Standing::Sent } else { Standing::Skipped },
            Standing::Failed => |_| Standing::Failed,
            Standing::Queued => |row| if row.chat.0 % 2 == 0 { Standing::Queued } else { Standing::Sent },
            Standing::Sending => |_| Standing::Sending,
            Standing::Uncertain | Standing::Cancelled | Standing::Expired | Standing::Skipped => {
                |_| Standing::Uncertain
            }
        },
    )
}

/// The accounts and chats that a broadcast to everyone reaches, counted one by one.
fn recounted(read: &store::Snapshot) -> Result<(u64, u64), StoreError> {
    let mut heard = std::collections::BTreeMap::<AccountId, u64>::new();
    for (_, chat) in store::chats::walk(read, None, usize::MAX)? {
        if let Some(account) = chat.account().filter(|_| chat.reachability.may_send() && chat.muted.is_none()) {
            *heard.entry(account).or_default() += 1;
        }
    }
    Ok((u64::try_from(heard.len()).unwrap(), heard.values().sum()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_actions_leaves_the_file_whole(steps in proptest::collection::vec(step(), 1..80)) {
        let desk = Desk::new();
        desk.admin("root");
        for (chat, name) in (1..).zip(NAMES).take(3) {
            desk.account(name);
            desk.heard(chat);
        }
        for step in steps {
            let before = desk.store.changes().value();
            let done = crate::runtime::block_on(
                desk.store.write(move |tx| Ok::<_, StoreError>(take(tx, step))),
            ).unwrap();
            match done {
                Ok(()) => {}
                Err(error) => {
                    prop_assert!(!error.is_storage(), "{step:?}: {error}");
                    prop_assert_eq!(desk.store.changes().value(), before, "{:?} wrote and refused", step);
                }
            }
            if let Step::Pass(minutes) = step {
                desk.pass(Duration::from_mins(minutes));
            }
        }
        prop_assert_eq!(desk.read(store::accounts::listening), desk.read(recounted));
        let report = desk.read(store::check::check);
        prop_assert!(report.is_clean(), "{:#?}", report.findings);
    }
}
