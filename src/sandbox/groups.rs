//! Groups: who is in them, how the bot stands in them, and what their people do with the group itself. Each act queues the
//! updates that Telegram would send to the bot.

use std::collections::{BTreeMap, BTreeSet};

use super::acts::{ActError, Pressed, Which};
use super::attachments::Attachment;
use super::entities;
use super::messages::Service;
use super::rooms::Room;
use super::shapes::{self, Member};
use super::world::{Moment, World};
use super::writing::{self, Draft};

/// Basic groups have the ids below this one.
const BASIC: i64 = -4_100_000_000;
/// Supergroups have the ids below this one.
const SUPER: i64 = -1_002_100_000_000;

/// How the bot stands in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Membership {
    /// It never was in it.
    Never,
    /// It is in it.
    Member,
    /// It was removed.
    Kicked,
}

/// A group of people, in which the bot may be.
pub(super) struct GroupChat {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) creator: i64,
    pub(super) members: BTreeSet<i64>,
    pub(super) bot: Membership,
    /// Where it goes on, once it was upgraded.
    pub(super) migrated_to: Option<i64>,
    pub(super) room: Room,
}

/// All groups by id.
pub(super) type Groups = BTreeMap<i64, GroupChat>;

impl GroupChat {
    /// A group of its creator.
    fn new(id: i64, title: &str, creator: i64) -> Self {
        let members = BTreeSet::from([creator]);
        let (title, bot) = (title.to_owned(), Membership::Never);
        Self { id, title, creator, members, bot, migrated_to: None, room: Room::default() }
    }

    /// Whether it is a supergroup; its id tells.
    pub(super) fn is_super(&self) -> bool {
        self.id <= SUPER
    }

    /// `group` or `supergroup`.
    pub(super) fn kind(&self) -> &'static str {
        if self.is_super() { "supergroup" } else { "group" }
    }

    /// Whether people still meet here.
    pub(super) fn is_alive(&self) -> bool {
        self.migrated_to.is_none()
    }
}

impl World {
    /// Makes a group with one person in it.
    pub(super) fn add_group(&mut self, title: &str, creator: i64, moment: Moment) -> Result<i64, ActError> {
        self.standing(creator)?;
        let title = title.trim();
        if !(1..=128).contains(&entities::units(title)) {
            return Err(ActError::BadTitle);
        }
        let id = self.place(GroupChat::new(BASIC, title, creator));
        self.write(id, creator, Draft::service(Service::Created), moment)?;
        Ok(id)
    }

    /// Gives a group the next id of its sort.
    fn place(&mut self, group: GroupChat) -> i64 {
        self.made_groups += 1;
        let id = group.id - self.made_groups;
        self.groups.insert(id, GroupChat { id, ..group });
        id
    }

    /// A group in which people still meet.
    fn living(&mut self, group: i64) -> Result<&mut GroupChat, ActError> {
        let found = self.groups.get_mut(&group).ok_or(ActError::NoSuchGroup)?;
        if found.is_alive() { Ok(found) } else { Err(ActError::Upgraded) }
    }

    /// A group in which this person may act.
    fn group_of(&mut self, group: i64, by: i64) -> Result<&mut GroupChat, ActError> {
        self.standing(by)?;
        let found = self.living(group)?;
        if found.members.contains(&by) { Ok(found) } else { Err(ActError::NotAMember) }
    }

    /// Adds a person, by the one who made the group.
    pub(super) fn add_member(&mut self, group: i64, person: i64, moment: Moment) -> Result<(), ActError> {
        self.standing(person)?;
        let name = self.chats.get(&person).map(|chat| chat.person.name()).unwrap_or_default();
        let found = self.living(group)?;
        let creator = found.creator;
        if !found.members.insert(person) {
            return Err(ActError::MemberAlready);
        }
        self.write(group, creator, Draft::service(Service::Added { id: person, name }), moment)?;
        Ok(())
    }

    /// Adds the bot. With a payload, the client then starts it with that one; gives the id of the message it sent.
    pub(super) fn add_bot(
        &mut self,
        group: i64,
        by: i64,
        payload: Option<&str>,
        moment: Moment,
    ) -> Result<Option<i64>, ActError> {
        let found = self.group_of(group, by)?;
        let old = match found.bot {
            Membership::Never => Member::Left,
            Membership::Kicked => Member::Kicked,
            Membership::Member => return Err(ActError::MemberAlready),
        };
        found.bot = Membership::Member;
        self.tell_bot(group, by, (old, Member::In), moment);
        let added = Service::Added { id: self.bot.id, name: self.profile.name().to_owned() };
        self.write(group, by, Draft::service(added), moment)?;
        let Some(payload) = payload else { return Ok(None) };
        let text = format!("/start@{} {payload}", self.bot.username);
        self.write(group, by, Draft::text(text.trim_end()), moment).map(Some)
    }

    /// Removes the bot. A basic group still shows it its own removal; a supergroup does not.
    pub(super) fn remove_bot(&mut self, group: i64, by: i64, moment: Moment) -> Result<(), ActError> {
        let found = self.group_of(group, by)?;
        if found.bot != Membership::Member {
            return Err(ActError::BotNotThere);
        }
        let deaf = found.is_super();
        if deaf {
            found.bot = Membership::Kicked;
        }
        let removed = Service::Removed { id: self.bot.id, name: self.profile.name().to_owned() };
        self.write(group, by, Draft::service(removed), moment)?;
        self.living(group)?.bot = Membership::Kicked;
        self.tell_bot(group, by, (Member::In, Member::Kicked), moment);
        Ok(())
    }

    fn tell_bot(&mut self, group: i64, by: i64, change: (Member, Member), moment: Moment) {
        if let Some(json) = shapes::member_change(self, group, by, moment.now.seconds(), change) {
            self.queue.push(moment.now, "my_chat_member", &json);
        }
    }

    /// A member writes, as an answer to a message or by themselves.
    pub(super) fn send_in_group(
        &mut self,
        group: i64,
        by: i64,
        reply_to: Option<i64>,
        text: &str,
        moment: Moment,
    ) -> Result<i64, ActError> {
        self.group_of(group, by)?;
        let draft = Draft { reply_to, ..Draft::text(writing::fitting(text)?) };
        self.write(group, by, draft, moment)
    }

    /// A member attaches something.
    pub(super) fn attach_in_group(
        &mut self,
        group: i64,
        by: i64,
        reply_to: Option<i64>,
        attachment: Attachment,
        moment: Moment,
    ) -> Result<i64, ActError> {
        self.group_of(group, by)?;
        self.attach_in(group, by, reply_to, attachment, moment)
    }

    /// A member presses a button.
    pub(super) fn press_in_group(
        &mut self,
        group: i64,
        by: i64,
        message: i64,
        which: &Which,
        moment: Moment,
    ) -> Result<Pressed, ActError> {
        if self.group_of(group, by)?.bot != Membership::Member {
            return Err(ActError::BotNotThere);
        }
        self.press_in(group, by, message, which, moment)
    }

    /// The creator upgrades a group to a supergroup, which begins with an empty chat and another id.
    pub(super) fn migrate(&mut self, group: i64, moment: Moment) -> Result<i64, ActError> {
        let old = self.living(group)?;
        if old.is_super() {
            return Err(ActError::Upgraded);
        }
        let (creator, members, bot) = (old.creator, old.members.clone(), old.bot);
        let next = GroupChat { members, bot, ..GroupChat::new(SUPER, &old.title, creator) };
        let new = self.place(next);
        self.write(group, creator, Draft::service(Service::MigratedTo(new)), moment)?;
        self.write(new, creator, Draft::service(Service::MigratedFrom(group)), moment)?;
        self.living(group)?.migrated_to = Some(new);
        Ok(new)
    }
}
