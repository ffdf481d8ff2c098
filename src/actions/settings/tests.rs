//! What is in force and why, what may be saved, and that a started process cannot be talked out of its settings.

use super::*;
use crate::actions::testing::{Desk, OWNER, VIEWER, config};
use crate::actions::{Caller, Kind};
use crate::model::admin::Role;
use crate::model::texts::{Language, TextKey};
use crate::secret::Secret;

const TOKEN: &str = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_";

fn in_force(desk: &Desk, config: &Config) -> Effective {
    desk.read(|read| Effective::load(read, config))
}

fn set(field: &str, value: &str) -> SettingsChange {
    let mut change = SettingsChange::default();
    let slot = match field {
        "site_name" => &mut change.site_name,
        "site_url" => &mut change.site_url,
        "base_url" => &mut change.base_url,
        "link_lifetime" => &mut change.link_lifetime,
        "messages_kept" => &mut change.messages_kept,
        "rate_global" => &mut change.rate_global,
        "rate_chat" => &mut change.rate_chat,
        _ => &mut change.rate_group,
    };
    *slot = Some(value.to_owned());
    change
}

#[test]
fn without_anything_set_the_defaults_count() {
    let desk = Desk::new();
    let now = in_force(&desk, &config(&[]));
    assert_eq!(now.site_name, Setting::default("the website".into()));
    assert_eq!(now.link_lifetime, Setting::default(LINK_LIFETIME));
    assert_eq!((now.rate_global.value, now.rate_chat.value, now.rate_group.value), (30, 1, 20));
    assert!(now.base_url.value.is_none() && now.bot_token.is_none());
    assert_eq!(now.kept(), Kept::default());
}

#[test]
fn what_is_saved_counts_until_it_is_emptied() {
    let desk = Desk::new();
    let plain = config(&[]);
    for (field, value) in [
        ("site_url", "https://acme.example/account"),
        ("base_url", "https://links.acme.example/"),
        ("link_lifetime", " 30 "),
        ("messages_kept", "7"),
        ("rate_chat", "0"),
    ] {
        desk.run(move |tx| save(tx, &OWNER, &config(&[]), &set(field, value)));
    }
    let now = in_force(&desk, &plain);
    assert_eq!(now.site_name.value, "acme.example", "the host names a site without a name");
    assert_eq!(now.base_url.value.map(|url| url.to_string()), Some("https://links.acme.example".into()));
    assert_eq!(now.link_lifetime, Setting { value: Duration::from_mins(30), source: Source::Saved });
    assert_eq!((now.messages_kept.value, now.rate_chat.value), (DAY * 7, 0));
    assert_eq!(desk.audit()[0], "settings.save rate_chat");
    desk.run(|tx| save(tx, &OWNER, &config(&[]), &set("link_lifetime", "")));
    assert_eq!(in_force(&desk, &plain).link_lifetime.source, Source::Default);
}

#[test]
fn a_change_of_nothing_is_not_written() {
    let desk = Desk::new();
    let beats = desk.store.changes().value();
    desk.run(|tx| save(tx, &OWNER, &config(&[]), &set("site_name", "")));
    assert_eq!(desk.store.changes().value(), beats);
}

#[test]
fn a_wrong_value_is_refused_by_its_field_and_nothing_is_kept() {
    let desk = Desk::new();
    for (field, value) in [
        ("site_name", "x\u{7}y"),
        ("site_name", "0123456789012345678901234567890123456789012345678901234567890123x"),
        ("site_url", "javascript:alert(1)"),
        ("site_url", "https://user:pass@acme.example"),
        ("base_url", "http://acme.example"),
        ("base_url", "https://acme.example/path"),
        ("link_lifetime", "0"),
        ("link_lifetime", "10081"),
        ("messages_kept", "0"),
        ("rate_global", "-1"),
    ] {
        let change = SettingsChange { site_url: Some("https://a.example".into()), ..set(field, value) };
        let change = if field == "site_url" { set(field, value) } else { change };
        let refusal = desk.refused(move |tx| save(tx, &OWNER, &config(&[]), &change));
        assert_eq!((refusal.kind, refusal.field), (Kind::Invalid, Some(field)), "{value}: {refusal}");
    }
    assert_eq!(in_force(&desk, &config(&[])).site_url.value, None);
    let operator = Caller { role: Role::Operator, ..OWNER };
    assert_eq!(desk.refused(move |tx| save(tx, &operator, &config(&[]), &set("site_name", "x"))).kind, Kind::Forbidden);
}

#[test]
fn what_the_process_was_started_with_stays_and_says_where_it_is_set() {
    let desk = Desk::new();
    let started = || config(&[("STARTLINK_RATE_GLOBAL", "5"), ("STARTLINK_BASE_URL", "https://acme.example")]);
    desk.run(|tx| save(tx, &OWNER, &config(&[]), &set("rate_global", "9")));
    let refusal = desk.refused(move |tx| save(tx, &OWNER, &started(), &set("rate_global", "7")));
    assert_eq!((refusal.kind, refusal.field), (Kind::Conflict, Some("rate_global")));
    assert!(refusal.sentence.contains("STARTLINK_RATE_GLOBAL"), "{refusal}");
    let refusal = desk.refused(move |tx| save(tx, &OWNER, &started(), &set("base_url", "https://x.example")));
    assert!(refusal.sentence.contains("STARTLINK_BASE_URL"), "{refusal}");
    // A form that shows what is in force sends it along.
    desk.run(move |tx| save(tx, &OWNER, &started(), &set("rate_global", "5")));
    desk.run(move |tx| save(tx, &OWNER, &started(), &set("base_url", "https://acme.example/")));
    assert_eq!(
        in_force(&desk, &started()).rate_global,
        Setting { value: 5, source: Source::Env("STARTLINK_RATE_GLOBAL") }
    );
}

#[test]
fn a_token_is_found_in_botfathers_message_and_kept_sealed() {
    let desk = Desk::new();
    let paste = format!("Use this token to access the HTTP API:\n{TOKEN}\nKeep your token secure");
    let token = find_token(&Secret::new(paste)).unwrap();
    assert_eq!(token.expose(), TOKEN);
    let refusal = find_token(&Secret::new("no token")).err();
    assert_eq!(refusal.and_then(|refusal| refusal.field), Some("bot_token"));
    desk.run(move |tx| save_token(tx, &OWNER, &config(&[]), &token));
    assert_eq!(desk.read(|read| bot_token(read, &config(&[]))).unwrap().value.expose(), TOKEN);
    assert_eq!(in_force(&desk, &config(&[])).bot_token, Some(Source::Saved));
    assert_eq!(desk.audit()[0], "bot.token.save bot 123456789");
    let started = || config(&[("STARTLINK_BOT_TOKEN", TOKEN)]);
    assert_eq!(desk.refused(move |tx| forget_token(tx, &OWNER, &started())).kind, Kind::Conflict);
    assert_eq!(desk.refused(|tx| forget_token(tx, &VIEWER, &config(&[]))).kind, Kind::Forbidden);
    desk.run(|tx| forget_token(tx, &OWNER, &config(&[])));
    assert_eq!(in_force(&desk, &config(&[])).bot_token, None);
}

#[test]
fn a_changed_text_is_said_until_it_is_reset() {
    let desk = Desk::new();
    let key = TextKey::Greeting;
    desk.run(move |tx| save_text(tx, &OWNER, Language::De, key, "Moin {username} von {site}!"));
    let voice = desk.read(Voice::load);
    assert_eq!(voice.say(key, Some("de"), &[("username", "ada")]), "Moin ada von the website!");
    assert_eq!(voice.say(key, None, &[("username", "ada")]), "Hello ada, how are you?");
    assert!(voice.say(TextKey::Privacy, None, &[]).contains("180 days"));
    let refusal = desk.refused(move |tx| save_text(tx, &OWNER, Language::De, key, "{nobody}"));
    assert_eq!(refusal.field, Some("text"));
    assert_eq!(desk.refused(move |tx| reset_text(tx, &VIEWER, Language::De, key)).kind, Kind::Forbidden);
    desk.run(move |tx| reset_text(tx, &OWNER, Language::De, key));
    assert_eq!(desk.read(texts).changed(Language::De, key), None);
    assert_eq!(desk.audit()[..2], ["text.reset de/greeting", "text.save de/greeting"]);
}
