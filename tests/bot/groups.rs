//! Groups: the code kept, the code lost, the code sent by hand, the bot removed, another number, and who is heard there.

use startlink::actions::messages::{SendOptions, To, send};
use startlink::model::chat::Reachability;
use startlink::model::message::Body;
use startlink::sandbox::{Group, NOOR, Which};
use startlink::store::messages;

use super::*;

impl Bench {
    fn group(&self) -> Group {
        let group = self.sandbox.add_group("Lindqvist family", ADA);
        group.add_member(NOOR).unwrap();
        group
    }

    /// A group that is connected to a new account.
    async fn linked_group(&self) -> (Group, AccountId) {
        let (group, account) = (self.group(), self.account("lindqvist").await);
        let code = self.issue(account).await.code;
        group.add_bot(ADA, Some(code.expose())).unwrap();
        self.until(|bench| bench.bound(group.id()) == Some(account)).await;
        (group, account)
    }

    async fn tell(&self, account: AccountId, text: &'static str) {
        let caller = Caller::internal(Actor::System);
        let body = Body::plain(text);
        self.write(move |tx| send(tx, &caller, To::Account(account), body.clone(), SendOptions::default())).await;
    }

    /// What people wrote, the oldest first, with who wrote it in a group.
    fn said(&self, account: AccountId) -> Vec<(String, Option<String>)> {
        let mut rows = self.read(|read| messages::conversation(read, account, None, 100));
        rows.retain(|opened| opened.message.is_incoming());
        rows.into_iter().rev().map(|opened| opened.body.unwrap()).map(|body| (body.text, body.author)).collect()
    }
}

/// Waits for the bot's words in a group.
async fn shown(group: &Group, part: &str) -> Message {
    let seen = async {
        loop {
            let found =
                group.messages(0).into_iter().find(|message| message.is_new_from_bot(0) && message.text.contains(part));
            if let Some(message) = found {
                return message;
            }
            runtime::sleep(Duration::from_millis(10)).await;
        }
    };
    runtime::timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("no {part:?} in {:?}", group.messages(0)))
}

#[test]
fn a_code_that_the_app_keeps_connects_the_group_at_once() {
    run(|mut bench| async move {
        bench.start();
        let (group, account) = bench.linked_group().await;
        shown(&group, "lindqvist").await;
        bench.tell(account, "Dinner is at seven").await;
        shown(&group, "Dinner is at seven").await;
        let asked = group.messages(0).iter().any(|message| message.text.contains("/link"));
        assert!(!asked, "nobody is told to send a code that came");
        bench
    });
}

#[test]
fn where_the_app_loses_the_code_its_person_is_asked_in_their_own_chat() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        let group = bench.group();
        group.add_bot(ADA, None).unwrap();
        let asked = hear(&phone, "You added me to the group \"Lindqvist family\"").await;
        assert_eq!(bench.bound(group.id()), None, "nothing is connected before the answer");
        phone.press(asked.id, &Which::Place(0)).unwrap();
        bench.until(|bench| bench.bound(group.id()) == Some(account)).await;
        shown(&group, "ada").await;
        bench
    });
}

#[test]
fn a_group_of_strangers_learns_how_to_send_the_code_and_sends_it() {
    run(|mut bench| async move {
        bench.start();
        let (group, account) = (bench.group(), bench.account("lindqvist").await);
        let issued = bench.issue(account).await;
        group.add_bot(NOOR, None).unwrap();
        shown(&group, "/link CODE").await;
        // What nobody was told to send is another bot's affair; what looks like a code is not.
        group.send(NOOR, "/link my brother").unwrap();
        let mistyped: String = issued.code.expose().chars().rev().collect();
        group.send(NOOR, &format!("/link {mistyped}")).unwrap();
        shown(&group, "I have no clue who you are").await;
        assert_eq!(bench.bound(group.id()), None);
        group.send(NOOR, &format!("/link {}", issued.code.expose())).unwrap();
        bench.until(|bench| bench.bound(group.id()) == Some(account)).await;
        assert_eq!(bench.status(issued.id), LinkStatus::Used);
        bench
    });
}

#[test]
fn a_group_that_removes_the_bot_is_left_and_comes_back() {
    run(|mut bench| async move {
        bench.start();
        let (group, account) = bench.linked_group().await;
        let standing = |bench: &Bench| bench.chat(group.id()).unwrap().reachability;
        group.remove_bot(ADA).unwrap();
        bench.until(|bench| standing(bench) == Reachability::Left).await;
        let lost = EventKind::ChatLost(ChatId(group.id()), Reachability::Left);
        assert!(bench.events().contains(&lost), "{:?}", bench.events());
        assert_eq!(bench.bound(group.id()), Some(account), "whose group it is stays");
        group.add_bot(ADA, None).unwrap();
        bench.until(|bench| standing(bench) == Reachability::Reachable).await;
        bench.tell(account, "Welcome back").await;
        shown(&group, "Welcome back").await;
        bench
    });
}

#[test]
fn a_group_that_becomes_a_supergroup_stays_connected() {
    run(|mut bench| async move {
        bench.start();
        let (group, account) = bench.linked_group().await;
        let old = group.id();
        let new = group.migrate().unwrap();
        bench.until(|bench| bench.bound(new) == Some(account) && bench.chat(old).is_none()).await;
        bench.tell(account, "Still with you").await;
        shown(&bench.sandbox.group(new), "Still with you").await;
        bench
    });
}

#[test]
fn a_group_whose_new_number_is_learnt_from_a_refusal_gets_its_message() {
    run(|mut bench| async move {
        bench.start_bot();
        let (group, account) = bench.linked_group().await;
        // The bot does not hear of it; the first message that is sent does.
        for (_, stop, task) in bench.running.drain(..) {
            stop.raise();
            task.await;
        }
        let new = group.migrate().unwrap();
        bench.tell(account, "Found you").await;
        bench.start_outbox();
        shown(&bench.sandbox.group(new), "Found you").await;
        bench.until(|bench| bench.bound(new) == Some(account)).await;
        bench
    });
}

#[test]
fn only_answers_to_the_bot_are_heard_in_a_group() {
    run(|mut bench| async move {
        bench.start();
        let (group, account) = bench.linked_group().await;
        bench.tell(account, "Who cooks tonight?").await;
        let asked = shown(&group, "Who cooks").await;
        group.send(NOOR, "What a day").unwrap();
        group.reply(NOOR, asked.id, "I do").unwrap();
        bench.until(|bench| !bench.said(account).is_empty()).await;
        assert_eq!(bench.said(account), [("I do".to_owned(), Some("Noor Haddad".to_owned()))]);
        bench
    });
}
