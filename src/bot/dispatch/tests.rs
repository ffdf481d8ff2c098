//! The intents of updates as Telegram sends them.

use super::*;
use crate::ids::{AccountId, LinkId, UpdateId, UserId};
use crate::model::message::{Carried, Sent};

const BOT: &str = "Post_Bot";
const CODE: &str = "abcdefghijklmnopqrst-_";

fn ada() -> User {
    User {
        id: UserId(7),
        is_bot: false,
        first_name: "Ada".into(),
        last_name: None,
        username: Some("ada".into()),
        language_code: Some("de".into()),
    }
}

fn chat(id: i64, kind: ChatKind) -> Chat {
    Chat { id: ChatId(id), kind, title: (kind != ChatKind::Private).then(|| "Circle".into()) }
}

fn message(chat: Chat, content: Content) -> Message {
    let id = Some(TelegramMessageId(3));
    Message { id, date: Timestamp(1000), chat, from: Some(ada()), sender_chat: None, answers: None, content }
}

fn of(message: Message) -> Intent {
    intent(Update { id: UpdateId(1), kind: UpdateKind::Message(Box::new(message)) }, BOT)
}

/// The intent of a text in a private chat, in a word.
fn word(text: &str) -> String {
    let content = Content::Text(text.into());
    let Intent::Person(person, ask) = of(message(chat(7, ChatKind::Private), content)) else { panic!("{text}") };
    assert_eq!((person.chat, person.profile.name.as_str()), (ChatId(7), "Ada"));
    match ask {
        Ask::Start => "start".into(),
        Ask::Claim(code) => format!("claim {}", code.expose()),
        Ask::BadCode => "bad code".into(),
        Ask::Paste(code, said) => {
            assert_eq!(said.body.text, text);
            format!("paste {}", code.expose())
        }
        Ask::Help => "help".into(),
        Ask::Status => "status".into(),
        Ask::Mute => "mute".into(),
        Ask::Unmute => "unmute".into(),
        Ask::Stop => "stop".into(),
        Ask::Privacy => "privacy".into(),
        Ask::Settings => "settings".into(),
        Ask::Delete => "delete".into(),
        Ask::UnknownCommand => "unknown".into(),
        Ask::Words(said) => {
            assert_eq!((said.body.text.as_str(), said.message), (text, TelegramMessageId(3)));
            "words".into()
        }
        Ask::Unclear(_) => "unclear".into(),
    }
}

#[test]
fn commands_are_known_with_and_without_the_bots_name() {
    for (text, expected) in [
        ("/start", "start"),
        ("  /start  ", "start"),
        ("/start@Post_Bot", "start"),
        ("/START", "start"),
        ("/start@other_bot", "unknown"),
        ("/start@other_bot abc", "unknown"),
        ("/help", "help"),
        ("/help@post_bot me", "help"),
        ("/status", "status"),
        ("/mute", "mute"),
        ("/UNMUTE@post_bot now", "unmute"),
        ("/stop", "stop"),
        ("/privacy", "privacy"),
        ("/settings", "settings"),
        ("/delete", "delete"),
        ("/link", "help"),
        ("/sing", "unknown"),
        ("/", "unknown"),
        ("/start@", "unknown"),
    ] {
        assert_eq!(word(text), expected, "{text:?}");
    }
}

#[test]
fn a_code_is_found_behind_start() {
    for (text, expected) in [
        (format!("/start {CODE}"), format!("claim {CODE}")),
        (format!("/start@post_bot {CODE}"), format!("claim {CODE}")),
        (format!("/link {CODE}"), format!("claim {CODE}")),
        (format!("/start   {CODE}\n"), format!("claim {CODE}")),
        (format!("/start\n{CODE}"), format!("claim {CODE}")),
        (format!("/start {CODE} please"), format!("claim {CODE}")),
        ("/start x".into(), "claim x".into()),
        ("/start a=b".into(), "bad code".into()),
        ("/start ключ".into(), "bad code".into()),
        (format!("/start {}", "x".repeat(65)), "bad code".into()),
        ("/start bizChat123456".into(), "start".into()),
        ("/start bizChat".into(), "claim bizChat".into()),
    ] {
        assert_eq!(word(&text), expected, "{text:?}");
    }
}

#[test]
fn a_code_is_found_in_what_people_paste() {
    for (text, expected) in [
        (CODE.to_owned(), format!("paste {CODE}")),
        (format!(" {CODE} "), format!("paste {CODE}")),
        ("internationalisation".into(), "words".into()),
        (format!("{CODE}x"), "words".into()),
        (format!("my code is {CODE}"), "words".into()),
        (format!("https://t.me/post_bot?start={CODE}"), format!("claim {CODE}")),
        (format!("https://telegram.me/Post_Bot/?x=1&start={CODE}#top"), format!("claim {CODE}")),
        (format!("t.me/post_bot?start={CODE}"), format!("claim {CODE}")),
        (format!("post_bot.t.me?start={CODE}"), format!("claim {CODE}")),
        (format!("tg://resolve?domain=post_bot&start={CODE}"), format!("claim {CODE}")),
        (format!("http://127.0.0.1:8090/post_bot?start={CODE}"), format!("claim {CODE}")),
        (format!("here: https://t.me/post_bot?start={CODE} ok?"), format!("claim {CODE}")),
        (format!("https://t.me/other_bot?start={CODE}"), "words".into()),
        (format!("tg://resolve?domain=other&start={CODE}"), "words".into()),
        (format!("https://t.me/post_bot?startgroup={CODE}"), "words".into()),
        ("https://t.me/post_bot?start=".into(), "words".into()),
        (format!("please send /start {CODE}"), format!("paste {CODE}")),
        ("do I type /start now?".into(), "words".into()),
        (format!("https://example.org/l/{CODE}"), format!("paste {CODE}")),
        (format!("https://example.org/x/{CODE}"), "words".into()),
    ] {
        assert_eq!(word(&text), expected, "{text:?}");
    }
}

#[test]
fn other_words_are_ordinary_messages() {
    for text in ["hello", "what / why", "ä", "?start=abc", "//", "😀"] {
        assert!(matches!(word(text).as_str(), "words" | "unknown"), "{text}");
    }
    assert_eq!(word("hello"), "words");
}

#[test]
fn media_keeps_its_caption_and_service_messages_stay_unanswered() {
    let private = || chat(7, ChatKind::Private);
    let carried = Some(Carried::File(Sent { file: "f".into(), ..Sent::default() }));
    let photo = Content::Media { kind: MediaKind::Photo, caption: Some("see".into()), carried: carried.clone() };
    let Intent::Person(_, Ask::Words(said)) = of(message(private(), photo)) else { panic!("a photo") };
    assert_eq!((said.body.text.as_str(), said.body.media), ("see", Some(Media::Photo)));
    assert_eq!(said.body.carried, carried);
    let voice = Content::Media { kind: MediaKind::Voice, caption: None, carried: None };
    let Intent::Person(_, Ask::Words(said)) = of(message(private(), voice)) else { panic!("a voice note") };
    assert_eq!((said.body.media, said.body.carried), (Some(Media::Voice), None));
    assert!(matches!(of(message(private(), Content::Other)), Intent::Person(_, Ask::Unclear(_))));
}

#[test]
fn identity_is_read_in_private_chats_and_of_people_only() {
    let text = || Content::Text(format!("/start {CODE}"));
    for kind in [ChatKind::Group, ChatKind::Supergroup, ChatKind::Channel, ChatKind::Other] {
        assert!(of(message(chat(-5, kind), text())) == Intent::Nothing);
    }
    let mut nobody = message(chat(7, ChatKind::Private), text());
    nobody.from = None;
    assert!(of(nobody) == Intent::Nothing);
    let mut bot = message(chat(7, ChatKind::Private), text());
    bot.from = Some(User { is_bot: true, ..ada() });
    assert!(of(bot) == Intent::Nothing);
}

fn circle() -> Person {
    let profile = Profile { name: "Circle".into(), username: None, language: Some("de".into()) };
    Person { chat: ChatId(-5), profile }
}

#[test]
fn a_group_is_heard_when_a_command_names_the_bot_or_brings_a_code() {
    let group = || chat(-5, ChatKind::Supergroup);
    let says = |text: &str| of(message(group(), Content::Text(text.into())));
    let claim = Ask::Claim(Code::parse(CODE).unwrap());
    for text in [format!("/start@Post_Bot {CODE}"), format!("/link@post_bot {CODE}"), format!("/link {CODE}")] {
        assert!(says(&text) == Intent::Group(circle(), claim.clone()), "{text}");
    }
    assert!(says("/stop@post_bot") == Intent::Group(circle(), Ask::Stop));
    for text in ["/start@other_bot x", "/start x", "/stop", "/link x", "/link", "hello @Post_Bot", CODE] {
        assert!(says(text) == Intent::Nothing, "{text}");
    }
    let channel = message(chat(-5, ChatKind::Channel), Content::Text("/stop@post_bot".into()));
    assert!(of(channel) == Intent::Nothing);
}

#[test]
fn what_a_group_answers_to_the_bot_is_words_with_their_author() {
    let mut answer = message(chat(-5, ChatKind::Group), Content::Text("yes".into()));
    answer.answers = Some("post_bot".into());
    let Intent::Group(group, Ask::Words(said)) = of(answer.clone()) else { panic!("words") };
    assert_eq!((group, said.body.text.as_str(), said.body.author.as_deref()), (circle(), "yes", Some("Ada")));
    answer.answers = Some("other_bot".into());
    assert!(of(answer) == Intent::Nothing);
}

#[test]
fn a_group_that_moved_is_named_by_both_service_messages() {
    let expected = Intent::Migrated { from: ChatId(-5), to: ChatId(-100) };
    assert!(of(message(chat(-5, ChatKind::Group), Content::MigratedTo(ChatId(-100)))) == expected);
    assert!(of(message(chat(-100, ChatKind::Supergroup), Content::MigratedFrom(ChatId(-5)))) == expected);
}

fn press(chat: Chat, data: Option<&str>) -> Intent {
    let message = Some(crate::telegram::CallbackMessage { chat, id: TelegramMessageId(9), date: Some(Timestamp(1)) });
    let query = CallbackQuery { id: "q".into(), from: ada(), message, data: data.map(Into::into) };
    intent(Update { id: UpdateId(1), kind: UpdateKind::CallbackQuery(Box::new(query)) }, BOT)
}

#[test]
fn buttons_count_in_private_chats_and_groups() {
    let expected = Press::Move { link: LinkId(4), from: AccountId(2), choice: crate::actions::claims::Choice::Yes };
    let Intent::Button(person, pressed) = press(chat(7, ChatKind::Private), Some("move:4:2:y")) else { panic!() };
    assert_eq!((person.chat, pressed.tap), (ChatId(7), Some(Tap::Claim(expected))));
    assert_eq!((pressed.message, pressed.is_within_reach), (TelegramMessageId(9), true));
    let Intent::Button(group, pressed) = press(chat(-5, ChatKind::Group), Some("ask:4:1")) else { panic!() };
    assert_eq!((group, pressed.tap), (circle(), Ballot::parse("ask:4:1").map(Tap::Ballot)));
    assert!(press(chat(-5, ChatKind::Channel), Some("undo:4")) == Intent::StrayButton("q".into()));
    let Intent::Button(_, pressed) = press(chat(7, ChatKind::Private), None) else { panic!() };
    assert_eq!(pressed.tap, None);
}

fn member(kind: ChatKind, old: MemberStatus, new: MemberStatus) -> Intent {
    let change = MembershipChange { chat: chat(7, kind), from: ada(), date: Timestamp(1), old, new };
    intent(Update { id: UpdateId(1), kind: UpdateKind::MyChatMember(Box::new(change)) }, BOT)
}

#[test]
fn reachability_follows_the_new_status_whatever_the_old_one_was() {
    for old in [MemberStatus::Member, MemberStatus::Kicked, MemberStatus::Left] {
        for (kind, new, expected) in [
            (ChatKind::Private, MemberStatus::Kicked, Reachability::Blocked),
            (ChatKind::Private, MemberStatus::Member, Reachability::Reachable),
            (ChatKind::Supergroup, MemberStatus::Kicked, Reachability::Left),
            (ChatKind::Group, MemberStatus::Left, Reachability::Left),
        ] {
            assert!(member(kind, old, new) == Intent::Standing(ChatId(7), expected), "{kind:?} {new:?}");
        }
        assert!(member(ChatKind::Private, old, MemberStatus::Other) == Intent::Nothing);
    }
}

#[test]
fn a_group_that_the_bot_comes_to_is_named_with_who_added_it() {
    for old in [MemberStatus::Left, MemberStatus::Kicked] {
        for new in [MemberStatus::Member, MemberStatus::Administrator, MemberStatus::Restricted] {
            let Intent::Added { group, by } = member(ChatKind::Group, old, new) else { panic!("{new:?}") };
            assert_eq!((group.profile.name.as_str(), by), ("Circle", ChatId(7)));
        }
    }
    let promoted = member(ChatKind::Group, MemberStatus::Member, MemberStatus::Administrator);
    assert!(promoted == Intent::Standing(ChatId(7), Reachability::Reachable));
}
