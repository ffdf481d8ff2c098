//! The kinds of people who sign in: admins, and the people of accounts in the portal. A kind says where its rows stand and how it
//! is called in the audit; the rules of signing in are the same for both and stand once, in the files beside this one.

use std::fmt::{Debug, Display};

use crate::ids::{AccountId, AdminId};
use crate::model::account::Username;
use crate::model::admin::{Admin, AdminName};
use crate::model::event::Actor;
use crate::model::member::Person;
use crate::model::session::{Credentials, Stage};
use crate::store::sessions::SignsIn;
use crate::store::{Read, StoreError, Tx, accounts, admins, members, meta};

/// Someone's row, as far as signing in looks at it.
pub trait Proves: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// What they prove themselves with.
    fn credentials(&self) -> &Credentials;
    /// The same, to be changed.
    fn credentials_mut(&mut self) -> &mut Credentials;
    /// The name they sign in with.
    fn name(&self) -> &str;
}

/// A kind of people who sign in, by the number that each of them has.
pub trait Who: SignsIn + Display + Send + Sync {
    /// The row of one of them.
    type Person: Proves;
    /// What the names of this kind's throttling buckets begin with: one name of two kinds is two names.
    const BUCKETS: &'static str;
    /// What the second factor is sealed under.
    const FACTOR: &'static str;
    /// What this kind's words in the audit begin with.
    const AUDIT: &'static str;
    /// Who helps when no second factor will do, as the rest of a sentence.
    const HELP: &'static str;

    /// Who signs in under a name, as it was typed.
    fn named(read: &impl Read, name: &str) -> Result<Option<(Self, Self::Person)>, StoreError>;
    /// The row behind a number.
    fn person(self, read: &impl Read) -> Result<Option<Self::Person>, StoreError>;
    /// Replaces the row.
    fn keep(self, tx: &mut Tx<'_>, person: &Self::Person) -> Result<(), StoreError>;
    /// How far a right password leads.
    fn after_password(credentials: &Credentials) -> Stage;
    /// Who it is, for the audit.
    fn actor(self) -> Actor;
}

impl Proves for Admin {
    fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    fn credentials_mut(&mut self) -> &mut Credentials {
        &mut self.credentials
    }

    fn name(&self) -> &str {
        self.name.as_str()
    }
}

impl Who for AdminId {
    type Person = Admin;
    const BUCKETS: &'static str = "";
    const FACTOR: &'static str = "admin.totp";
    const AUDIT: &'static str = "admin";
    const HELP: &'static str = "run \"startlink admin reset-2fa\" on the server";

    fn named(read: &impl Read, name: &str) -> Result<Option<(Self, Admin)>, StoreError> {
        AdminName::parse(name.trim()).ok().map(|name| admins::find(read, &name)).transpose().map(Option::flatten)
    }

    fn person(self, read: &impl Read) -> Result<Option<Admin>, StoreError> {
        admins::get(read, self)
    }

    fn keep(self, tx: &mut Tx<'_>, admin: &Admin) -> Result<(), StoreError> {
        admins::update(tx, self, admin)
    }

    fn after_password(credentials: &Credentials) -> Stage {
        if credentials.totp_sealed.is_some() { Stage::Password } else { Stage::Enrol }
    }

    fn actor(self) -> Actor {
        Actor::Admin(self)
    }
}

impl Proves for Person {
    fn credentials(&self) -> &Credentials {
        &self.member.credentials
    }

    fn credentials_mut(&mut self) -> &mut Credentials {
        &mut self.member.credentials
    }

    fn name(&self) -> &str {
        self.username.as_str()
    }
}

/// While the portal is switched off it knows nobody.
impl Who for AccountId {
    type Person = Person;
    const BUCKETS: &'static str = "me:";
    const FACTOR: &'static str = "member.totp";
    const AUDIT: &'static str = "portal";
    const HELP: &'static str = "ask who runs this site";

    fn named(read: &impl Read, name: &str) -> Result<Option<(Self, Person)>, StoreError> {
        let Ok(username) = Username::parse(name.trim()) else { return Ok(None) };
        let Some((id, _)) = accounts::find(read, &username)? else { return Ok(None) };
        Ok(id.person(read)?.map(|person| (id, person)))
    }

    fn person(self, read: &impl Read) -> Result<Option<Person>, StoreError> {
        if meta::saved(read)?.no_portal {
            return Ok(None);
        }
        let Some(member) = members::get(read, self)? else { return Ok(None) };
        Ok(accounts::get(read, self)?.map(|account| Person { username: account.username, member }))
    }

    fn keep(self, tx: &mut Tx<'_>, person: &Person) -> Result<(), StoreError> {
        members::put(tx, self, &person.member)
    }

    fn after_password(credentials: &Credentials) -> Stage {
        if credentials.totp_sealed.is_some() { Stage::Password } else { Stage::Full }
    }

    fn actor(self) -> Actor {
        Actor::Person(self)
    }
}
