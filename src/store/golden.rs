//! The exact bytes of every record: a change of shape has to come with a new version and an upgrade, never by accident.

mod broadcasts;
mod deliveries;
mod webhooks;

use std::fmt::{Debug, Write as _};

use crate::clock::{Clock, Timestamp};
use crate::ids::{
    AccountId, AdminId, BroadcastId, ChatId, DeliveryId, EndpointId, EventId, KeyId, LinkId, MessageId, PhotoId,
    SessionId, TelegramMessageId, UserId,
};
use crate::model::account::{Account, Tag, Username};
use crate::model::admin::{Admin, AdminName, Role, SetupDraft, SetupTicket};
use crate::model::api_key::{ApiKey, Scopes};
use crate::model::chat::{Binding, Chat, Profile, Reachability, Tally};
use crate::model::connect::{Secrets, Signer};
use crate::model::event::{Actor, Audit, Deleted, Event, EventKind, Unlinked};
use crate::model::link::{Link, LinkState, Revocation, Target};
use crate::model::member::Member;
use crate::model::message::{Answer, Body, Button, ButtonAction, Format, Media, Message, MessageKind, Weight};
use crate::model::quiet::Quiet;
use crate::model::repeat::{Line, Outcome, Repeat};
use crate::model::session::{Bucket, Credentials, Device, Session, Stage};
use crate::model::settings::{BotIdentity, Saved};
use crate::model::talk::Talk;
use crate::rng::Rng;
use crate::secret::{Hash, Sealer};
use crate::store::codec::{SetAside, Value};
use crate::store::{Place, Read as _, Store, messages};

const AT: Timestamp = Timestamp(1_700_000_000_123);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[track_caller]
fn golden<V: Value + PartialEq + Debug>(value: &V, expected: &str) {
    let bytes = value.encode().unwrap();
    assert_eq!(hex(&bytes), expected, "{value:?}");
    assert_eq!(V::decode(&bytes).as_ref(), Ok(value));
}

/// Bytes of an older version, and what they are read as today.
#[track_caller]
fn older<V: Value + PartialEq + Debug>(value: &V, bytes: &str) {
    let bytes: Vec<u8> =
        (0..bytes.len()).step_by(2).map(|at| u8::from_str_radix(&bytes[at..at + 2], 16).unwrap()).collect();
    assert_eq!(V::decode(&bytes).as_ref(), Ok(value));
    let cut = bytes.len() - 1;
    assert!(V::decode(&bytes[..cut]).is_err(), "a row that was cut off is not taken for a whole one");
}

/// The same for one of the enums inside of records: each variant keeps its number.
#[track_caller]
fn numbers<V: serde::Serialize + Debug>(values: &[V], expected: &[&str]) {
    let found: Vec<_> = values.iter().map(|value| hex(&postcard::to_stdvec(value).unwrap())).collect();
    assert_eq!(found, expected, "{values:?}");
}

fn hash() -> Hash {
    Hash([0xab; 32])
}

#[test]
fn accounts() {
    let account = Account {
        username: Username::parse("ada").unwrap(),
        name: "Ada L".into(),
        tags: Tag::parse_list("vip beta").unwrap(),
        created: AT,
        chats: 2,
        reachable: 1,
        muted: 1,
    };
    golden(&account, "020361646105416461204c02046265746103766970f6a1abfef962020101");
    let before_muting = Account { muted: 0, ..account };
    older(&before_muting, "010361646105416461204c02046265746103766970f6a1abfef9620201");
}

fn credentials() -> Credentials {
    Credentials {
        password: "$argon2id$x".into(),
        totp_sealed: Some(vec![1, 2, 3]),
        totp_step: 57_000_000,
        recovery: vec![hash()],
        epoch: 3,
    }
}

#[test]
fn people_in_the_portal() {
    let member =
        Member { credentials: credentials(), invitation: Some(SetupTicket { hash: hash(), expires: AT }), created: AT };
    golden(
        &member,
        "010b246172676f6e32696424780103010203c080971b01abababababababababababababababababababababababababababababababab0301ababababababababababababababababababababababababababababababababf6a1abfef962f6a1abfef962",
    );
    let session = Session {
        id: SessionId(4),
        whose: AccountId(7),
        stage: Stage::Full,
        epoch: 3,
        created: AT,
        seen: AT,
        stepped_up: None,
        csrf: "token".into(),
        address: "::1".into(),
        agent: "Firefox".into(),
    };
    golden(&session, "0104070203f6a1abfef962f6a1abfef9620005746f6b656e033a3a310746697265666f78");
    golden(&Device { whose: AccountId(7), seen: AT }, "0107f6a1abfef962");
}

#[test]
fn admins_and_what_belongs_to_them() {
    let name = AdminName::parse("Root").unwrap();
    let admin = Admin { name: name.clone(), role: Role::Owner, credentials: credentials(), created: AT };
    golden(
        &admin,
        "0104526f6f74030b246172676f6e32696424780103010203c080971b01abababababababababababababababababababababababababababababababab03f6a1abfef962",
    );
    let session = Session {
        id: SessionId(4),
        whose: AdminId(1),
        stage: Stage::Full,
        epoch: 3,
        created: AT,
        seen: AT,
        stepped_up: Some(AT),
        csrf: "token".into(),
        address: "::1".into(),
        agent: "Firefox".into(),
    };
    golden(&session, "0104010203f6a1abfef962f6a1abfef96201f6a1abfef96205746f6b656e033a3a310746697265666f78");
    golden(&Device { whose: AdminId(1), seen: AT }, "0101f6a1abfef962");
    golden(&Bucket { failures: 5, last: AT }, "0105f6a1abfef962");
    golden(
        &SetupTicket { hash: hash(), expires: AT },
        "01ababababababababababababababababababababababababababababababababf6a1abfef962",
    );
    let draft = SetupDraft {
        browser: hash(),
        expires: AT,
        base_url: Some("https://a.example".into()),
        admin: Some((name, "$argon2id$x".into())),
        totp_sealed: None,
    };
    golden(
        &draft,
        "01ababababababababababababababababababababababababababababababababf6a1abfef962011168747470733a2f2f612e6578616d706c650104526f6f740b246172676f6e326964247800",
    );
    numbers(&[Role::Viewer, Role::Sender, Role::Operator, Role::Owner], &["00", "01", "02", "03"]);
    numbers(&[Stage::Password, Stage::Enrol, Stage::Full], &["00", "01", "02"]);
}

#[test]
fn chats() {
    let chat = Chat {
        reachability: Reachability::Blocked,
        binding: Some(Binding { account: AccountId(7), since: AT }),
        admin: Some(AdminId(1)),
        profile: Profile { name: "Ada L".into(), username: Some("ada_l".into()), language: Some("de".into()) },
        first_seen: AT,
        last_heard: AT,
        not_before: Some(AT),
        wrong_codes: Tally { since: AT, count: 2 },
        answers: Tally { since: AT, count: 3 },
        last_answer: Some(DeliveryId { message: MessageId(9), chat: ChatId(-5) }),
        passed_on: None,
        muted: Some(AT),
        quiet: Some(Quiet { from: 1320, until: 480, zone: "Europe/Berlin".into(), silent: true }),
        asked: Some(DeliveryId { message: MessageId(9), chat: ChatId(-5) }),
    };
    golden(
        &chat,
        "04010107f6a1abfef962010105416461204c01056164615f6c01026465f6a1abfef962f6a1abfef96201f6a1abfef962f6a1abfef96202f6a1abfef962030109090001f6a1abfef96201a80ae0030d4575726f70652f4265726c696e01010909",
    );
    let before_quiet = Chat { quiet: None, asked: None, ..chat };
    older(
        &before_quiet,
        "02010107f6a1abfef962010105416461204c01056164615f6c01026465f6a1abfef962f6a1abfef96201f6a1abfef962f6a1abfef96202f6a1abfef962030109090001f6a1abfef962",
    );
    let before_muting = Chat { muted: None, ..before_quiet };
    older(
        &before_muting,
        "01010107f6a1abfef962010105416461204c01056164615f6c01026465f6a1abfef962f6a1abfef96201f6a1abfef962f6a1abfef96202f6a1abfef9620301090900",
    );
    numbers(&Reachability::ALL, &["00", "01", "02", "03", "04"]);
}

#[test]
fn links() {
    let link = |target, state| Link {
        target,
        hash: hash(),
        sealed_code: Some(vec![9, 8]),
        issued_by: Actor::Admin(AdminId(1)),
        issued: AT,
        expires: AT,
        state,
        return_url: None,
        metadata: None,
    };
    let open = link(Target::Account(AccountId(7)), LinkState::Open);
    golden(
        &open,
        "030007abababababababababababababababababababababababababababababababab010209080201f6a1abfef962f6a1abfef962000000",
    );
    let before_return =
        "010007abababababababababababababababababababababababababababababababab010209080201f6a1abfef962f6a1abfef96200";
    older(&open, before_return);
    let along = Link { return_url: Some("https://a.example".into()), metadata: Some("{}".into()), ..open };
    golden(
        &along,
        "030007abababababababababababababababababababababababababababababababab010209080201f6a1abfef962f6a1abfef96200011168747470733a2f2f612e6578616d706c6501027b7d",
    );
    golden(
        &link(Target::Admin(AdminId(1)), LinkState::Held { chat: ChatId(5), until: AT }),
        "030101abababababababababababababababababababababababababababababababab010209080201f6a1abfef962f6a1abfef962010af6a1abfef9620000",
    );
    numbers(
        &[
            LinkState::Used { chat: ChatId(5), at: AT },
            LinkState::Expired { at: AT },
            LinkState::Revoked { at: AT, why: Revocation::Superseded },
            LinkState::Revoked { at: AT, why: Revocation::Asked },
            LinkState::Revoked { at: AT, why: Revocation::AccountDeleted },
        ],
        &["020af6a1abfef962", "03f6a1abfef962", "04f6a1abfef96200", "04f6a1abfef96201", "04f6a1abfef96202"],
    );
}

#[test]
fn messages_and_their_bodies() {
    let message = Message {
        at: AT,
        kind: MessageKind::Answer(Weight::Outcome),
        account: Some(AccountId(7)),
        chat: Some(ChatId(5)),
        actor: Actor::System,
        sealed: vec![1, 2, 3],
        answer: Some(Answer { button: 1, chat: ChatId(5), at: AT }),
    };
    golden(&message, "02f6a1abfef96201020107010a000301020301010af6a1abfef962");
    let before_questions = Message { answer: None, ..message };
    older(&before_questions, "01f6a1abfef96201020107010a0003010203");
    numbers(
        &[
            MessageKind::Incoming(TelegramMessageId(4)),
            MessageKind::Answer(Weight::Courtesy),
            MessageKind::Answer(Weight::Command),
            MessageKind::Personal,
            MessageKind::Notice,
        ],
        &["0008", "0100", "0101", "02", "03"],
    );
    let body = Body { format: Format::Html, media: Some(Media::Other), ..Body::plain("hi") }.with_row(vec![
        Button { label: "go".into(), action: ButtonAction::Open("https://a.example".into()) },
        Button { label: "undo".into(), action: ButtonAction::Tell("undo:1".into()) },
    ]);
    numbers(
        &[body],
        &["02686901010202676f001168747470733a2f2f612e6578616d706c6504756e646f0106756e646f3a3101070000000000000000"],
    );
}

#[test]
fn bodies_in_older_forms_are_still_read() {
    let clock = Clock::manual(AT);
    let key = Sealer::new(&[7; 32], Rng::seeded(1));
    let store = Store::open(Place::Memory, clock, Rng::seeded(2), key).unwrap();
    let read = store.snapshot().unwrap();
    let first = ("hi", Format::Html, Vec::<Vec<Button>>::new(), Some(Media::Photo));
    let sealed = read.sealer().seal(Message::PURPOSE_1, &postcard::to_stdvec(&first).unwrap());
    let message = Message {
        at: AT,
        kind: MessageKind::Personal,
        account: None,
        chat: None,
        actor: Actor::System,
        sealed,
        answer: None,
    };
    let expected = Body { format: Format::Html, media: Some(Media::Photo), ..Body::plain("hi") };
    assert_eq!(messages::body(&read, &message), Some(expected.clone()));
    let second = ("hi", Format::Html, Vec::<Vec<Button>>::new(), Some(Media::Photo), Some(PhotoId(7)), true, false);
    let sealed = read.sealer().seal(Message::PURPOSE_2, &postcard::to_stdvec(&second).unwrap());
    let expected = Body { photo: Some(PhotoId(7)), silent: true, ..expected };
    assert_eq!(messages::body(&read, &Message { sealed, ..message }), Some(expected));
}

#[test]
fn the_journal() {
    let event = Event {
        at: AT,
        account: Some((AccountId(7), Username::parse("ada").unwrap())),
        kind: EventKind::ChatUnlinked(ChatId(5), Unlinked::Moved),
    };
    golden(&event, "01f6a1abfef962010703616461050a02");
    numbers(
        &[
            EventKind::LinkCreated(LinkId(1)),
            EventKind::LinkUsed(LinkId(1), ChatId(5)),
            EventKind::LinkRevoked(LinkId(1), Revocation::Asked),
            EventKind::LinkExpired(LinkId(1)),
            EventKind::ChatLinked(ChatId(5)),
            EventKind::ChatLost(ChatId(5), Reachability::Left),
            EventKind::ChatRegained(ChatId(5)),
            EventKind::MessageReceived(MessageId(9), ChatId(5)),
            EventKind::MessageSent(MessageId(9), ChatId(5)),
            EventKind::MessageFailed(MessageId(9), None),
            EventKind::MessageUncertain(MessageId(9), ChatId(5)),
            EventKind::BroadcastDone(BroadcastId(3)),
            EventKind::ButtonPressed(MessageId(9), ChatId(5)),
            EventKind::BroadcastAnswered(BroadcastId(3), 7),
            EventKind::AccountDeleted(Deleted::ByPerson),
        ],
        &[
            "0001", "01010a", "020101", "0301", "040a", "060a02", "070a", "08090a", "09090a", "0a0900", "0b090a",
            "0c03", "0d090a", "0e0307", "0f00",
        ],
    );
    let audit = Audit { at: AT, actor: Actor::Chat(ChatId(5)), action: "account.create".into(), subject: "ada".into() };
    golden(&audit, "01f6a1abfef962030a0e6163636f756e742e63726561746503616461");
    numbers(
        &[Actor::System, Actor::Operator, Actor::Key(KeyId(1)), Actor::Website, Actor::Person(AccountId(7))],
        &["00", "01", "0401", "05", "0607"],
    );
}

#[test]
fn keys_and_repeated_answers() {
    let key = ApiKey {
        name: "shop".into(),
        hash: hash(),
        hint: "slk_AbCd".into(),
        scopes: Scopes::parse("links, events:read").unwrap(),
        rate: 600,
        created_by: Actor::Operator,
        created: AT,
        expires: Some(AT),
        revoked: None,
        used: Some(AT),
    };
    golden(
        &key,
        "010473686f70abababababababababababababababababababababababababababababababab08736c6b5f416243648c02d80401f6a1abfef96201f6a1abfef9620001f6a1abfef962",
    );
    let repeat = Repeat { at: AT, request: hash(), outcome: Outcome::Messages(vec![Some(MessageId(9)), None]) };
    golden(&repeat, "01f6a1abfef962abababababababababababababababababababababababababababababababab0102010900");
    let outcomes = [
        Outcome::Link(LinkId(1)),
        Outcome::Lines(vec![Line::Created, Line::Updated, Line::Unchanged]),
        Outcome::Broadcast(BroadcastId(4)),
        Outcome::Message(MessageId(9)),
        Outcome::Endpoint(EndpointId(2)),
        Outcome::Event(EndpointId(2), EventId(7)),
    ];
    numbers(&outcomes, &["0001", "0203000102", "0304", "0409", "0502", "060207"]);
}

#[test]
fn secrets_for_signed_addresses() {
    let secrets = Secrets {
        current: vec![1],
        made: AT,
        older: Some((vec![2], AT)),
        seed: vec![3],
        used: Some((AT, Signer::Older)),
    };
    golden(&secrets, "010101f6a1abfef962010102f6a1abfef962010301f6a1abfef96201");
    numbers(&[Signer::Current, Signer::Older], &["00", "01"]);
}

#[test]
fn settings_and_what_was_set_aside() {
    let saved = Saved {
        site_name: Some("Acme".into()),
        site_url: None,
        base_url: Some("https://a.example".into()),
        link_lifetime_s: Some(900),
        messages_kept_days: Some(180),
        confirm_before_link: true,
        mask_username: false,
        rate_global: Some(30),
        rate_chat: Some(1),
        rate_group: Some(20),
        no_passed_on: true,
        no_portal: true,
    };
    golden(&saved, "03010441636d6500011168747470733a2f2f612e6578616d706c6501840701b4010100011e010101140101");
    let before_the_portal = Saved { no_passed_on: false, no_portal: false, ..saved };
    older(&before_the_portal, "01010441636d6500011168747470733a2f2f612e6578616d706c6501840701b4010100011e01010114");
    let bot = BotIdentity { id: UserId(42), username: "acme_bot".into(), name: "Acme".into(), seen: AT };
    golden(&bot, "01540861636d655f626f740441636d65f6a1abfef962");
    golden(&SetAside { at: AT, reason: "odd".into(), sealed: vec![1] }, "01f6a1abfef962036f64640101");
}

#[test]
fn talks() {
    let talk = Talk { latest: MessageId(9), at: AT, read: MessageId(8), closed: true, assigned: Some(AdminId(3)) };
    golden(&talk, "0109f6a1abfef96208010103");
}
