//! Whose token it is: the first bot is adopted, another one needs consent.

use startlink::actions::bots;
use startlink::clock::Timestamp;
use startlink::ids::{UpdateId, UserId};
use startlink::model::chat::{Profile, Reachability};
use startlink::model::settings::BotIdentity;

use super::*;

#[test]
fn the_first_bot_is_adopted_and_its_menu_is_set_in_each_language() {
    run(|mut bench| async move {
        bench.start_bot();
        bench.polling().await;
        let known = bench.read(meta::bot).expect("the bot is remembered");
        let info = bench.sandbox.bot();
        assert_eq!((known.id, known.username.as_str()), (UserId(info.id), info.username.as_str()));
        bench.until(|bench| bench.read(|read| meta::fingerprint(read, "bot.menu")).is_some()).await;
        for language in ["en", "de", "es", "ru", "fr"] {
            let menu = bench.sandbox.menu(language);
            let commands: Vec<_> = menu.iter().map(|line| line.command.as_str()).collect();
            assert_eq!(
                commands,
                ["start", "help", "status", "mute", "unmute", "settings", "stop", "privacy", "delete"],
                "{language}"
            );
        }
        bench.end().await;
        let calls = bench.sandbox.call_counts().0;
        bench.start_bot();
        bench.polling().await;
        let again = bench.sandbox.journal(calls).into_iter().any(|call| call.method == "setMyCommands");
        assert!(!again, "an unchanged menu is not set again");
        bench
    });
}

#[test]
fn another_bot_waits_for_consent_and_begins_anew() {
    run(|mut bench| async move {
        let other = BotIdentity { id: UserId(1), username: "old_bot".into(), name: "Old".into(), seen: Timestamp(0) };
        let known = other.clone();
        bench
            .write(move |tx| {
                meta::put_bot(tx, &known)?;
                meta::put_offset(tx, Some(UpdateId(77)))?;
                startlink::actions::chats::note(tx, ChatId(42), Profile::default()).map(|_| ())
            })
            .await;
        let phone = bench.sandbox.phone(ADA);
        phone.press_start("").unwrap();
        bench.start();
        let report = bench.health(|report| matches!(report.state, State::OtherBot { .. })).await;
        let State::OtherBot { known, found } = report.state else { panic!() };
        assert_eq!((known, found.username.as_str()), (other, bench.sandbox.bot().username.as_str()));
        assert_eq!(bench.sandbox.waiting_updates().len(), 1, "nothing is read before that");
        let owner = Caller::internal(Actor::Operator);
        bench.write(move |tx| bots::accept(tx, &owner, &found)).await;
        hear(&phone, "Please visit me").await;
        assert_eq!(bench.chat(42).unwrap().reachability, Reachability::Unknown);
        assert_eq!(bench.chat(ADA).unwrap().reachability, Reachability::Reachable, "the new bot's own chats are not");
        bench
    });
}

#[test]
fn a_probe_tells_whose_token_it_is_and_changes_nothing() {
    run(|bench| async move {
        let token = Token::parse(bench.sandbox.token().expose()).unwrap();
        assert_eq!(bench.bot.probe(&token).await.unwrap().username, bench.sandbox.bot().username);
        let wrong = Token::parse(&format!("5:{}", "A".repeat(35))).unwrap();
        let error = bench.bot.probe(&wrong).await.unwrap_err();
        assert_eq!(error.class, startlink::telegram::Class::TokenRefused);
        assert_eq!(bench.read(meta::bot), None);
        bench
    });
}
