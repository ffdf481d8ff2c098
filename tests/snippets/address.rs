//! Signed addresses: what each language signs is accepted here, and what comes back with the user is believed there.

use startlink::actions::Caller;
use startlink::actions::connect::renew;
use startlink::clock::Clock;
use startlink::ids::ChatId;
use startlink::model::account::Username;
use startlink::model::admin::Role;
use startlink::model::chat::Profile;
use startlink::model::event::Actor;
use startlink::model::link::Code;
use startlink::store::{accounts, links};
use startlink::view::snippets::{Filling, Task};

use super::interpreter::{Saved, languages};
use crate::pages::given::{act, app_in};
use crate::support::app::{BASE, Setting};
use startlink::actions::{chats, links as actions};

const OWNER: Caller = Caller { actor: Actor::Operator, role: Role::Owner };
/// With what has to be encoded in an address.
const RETURN_URL: &str = "https://www.example.org/account?tab=telegram&from=100%25";

#[test]
fn every_language_leads_a_user_here_and_knows_the_way_back() {
    let app = app_in(&Setting { clock: Some(Clock::system()), ..Setting::default() });
    let secret = act(&app, |tx| renew(tx, &OWNER));
    for (number, language) in languages("signed addresses").into_iter().enumerate() {
        let username = format!("ada & Söhne {}", language.word());
        let plain = Filling::at(BASE);
        let filling = Filling { connect_secret: secret.expose(), username: &username, return_url: RETURN_URL, ..plain };
        let saved = Saved::new(Task::Address, language, &filling);
        let address = saved.run(&[]);
        let path = address.trim().strip_prefix(BASE).unwrap_or_else(|| panic!("{language:?}: {address}"));

        let mut browser = app.browser();
        let asked = browser.get(path);
        assert_eq!(asked.status, 200, "{language:?}: {}", asked.body);
        assert!(asked.body.contains("ada &amp; Söhne"));
        let fields = ["username", "expires", "return_url", "signature"]
            .map(|name| (name, asked.between(&format!("name=\"{name}\" value=\""), "\"").unwrap()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = browser.post("/connect", &fields).location().to_owned();
        let code = Code::parse(page.strip_prefix("/l/").unwrap()).unwrap();

        let chat = ChatId(1000 + i64::try_from(number).unwrap());
        let (name, hash) = (Username::parse(&username).unwrap(), code.hash());
        act(&app, move |tx| {
            let (id, link) = links::find(tx, hash)?.unwrap();
            let (account, _) = accounts::find(tx, &name)?.unwrap();
            chats::note(tx, chat, Profile { name: "Noor".into(), username: None, language: None })?;
            actions::mark_used(tx, id, &link, chat)?;
            chats::bind(tx, chat, account).map(|_| ())
        });
        let back = browser.get(&page).between("class=\"button quiet\" href=\"", "\"").unwrap();
        let query = back.strip_prefix("https://www.example.org/account?").unwrap_or_else(|| panic!("{back}"));
        assert!(query.starts_with("tab=telegram&from=100%25&startlink=connected&"), "{query}");
        assert_eq!(saved.run(&[query]), "connected\n", "{language:?}");
        let forged = query.replace("startlink_at=1", "startlink_at=2");
        assert_eq!(saved.run(&[&forged]), "not proven\n", "{language:?}");
        let plain = Filling { username: "somebody else", ..filling };
        drop(saved);
        let other = Saved::new(Task::Address, language, &plain);
        assert_eq!(other.run(&[query]), "not proven\n", "{language:?}: for another user");
    }
}
