//! What the columns of the lists mean, line by line. Whether it fits what is there is not decided here.

use super::sheet::{Cells, Column, Misread, read};
use super::{Given, Known, STRENGTH_MIN};
use crate::actions::accounts::Brought;
use crate::clock::Timestamp;
use crate::ids::ChatId;
use crate::model::account::{Tag, Username, parse_name};
use crate::model::link::{CODE_MAX, Code};

const ACCOUNTS: [Column; 3] = [("username", true), ("name", false), ("tags", false)];
const CODES: [Column; 3] = [("code", true), ("username", true), ("expires_at", false)];
const CHATS: [Column; 2] = [("chat_id", true), ("username", true)];

/// The largest number that Telegram gives to a chat (Bot API, `Chat.id`: 52 significant bits).
const CHAT_MAX: i64 = (1 << 52) - 1;
/// What Telegram itself puts behind `/start` begins so, and goes on with digits.
const TELEGRAMS_OWN: &str = "bizChat";

/// What is wrong with a line, with its account where that could be read.
type Wrong = (String, String);

pub(super) fn accounts(text: &str, rows: &mut Vec<(u64, Brought)>) -> Vec<Misread> {
    keep(read(text, &ACCOUNTS, account), rows)
}

pub(super) fn codes(text: &str, rows: &mut Vec<(u64, Given)>) -> Vec<Misread> {
    keep(read(text, &CODES, code), rows)
}

pub(super) fn chats(text: &str, rows: &mut Vec<(u64, Known)>) -> Vec<Misread> {
    keep(read(text, &CHATS, chat), rows)
}

fn keep<T>((read, wrong): (Vec<(u64, T)>, Vec<Misread>), rows: &mut Vec<(u64, T)>) -> Vec<Misread> {
    *rows = read;
    wrong
}

/// A column that is missing leaves what is there; an empty cell empties it.
fn account(cells: &Cells<'_>) -> Result<Brought, Wrong> {
    let username = username(cells.text(0))?;
    let about = |sentence: String| (username.to_string(), sentence);
    let name = cells.get(1).map(parse_name).transpose().map_err(|error| about(error.to_string()))?;
    let tags = cells.get(2).map(|tags| Tag::parse_list(&tags.replace(';', " "))).transpose();
    let tags = tags.map_err(|error| about(error.to_string()))?;
    Ok(Brought { username, name, tags })
}

fn code(cells: &Cells<'_>) -> Result<Given, Wrong> {
    let username = username(cells.text(1))?;
    let about = |sentence: &str| (username.to_string(), sentence.to_owned());
    // The account is not named: who swapped the columns has the code there.
    let code = parse_code(cells.text(0)).map_err(|sentence| (String::new(), sentence))?;
    let expires = Some(cells.text(2)).filter(|text| !text.is_empty()).map(moment).transpose();
    let expires = expires.map_err(|sentence| about(&sentence))?;
    Ok(Given { code, username, expires })
}

fn chat(cells: &Cells<'_>) -> Result<Known, Wrong> {
    let username = username(cells.text(1))?;
    let chat = parse_chat(cells.text(0)).map_err(|sentence| (username.to_string(), sentence))?;
    Ok(Known { chat, username })
}

fn username(text: &str) -> Result<Username, Wrong> {
    Username::parse(text).map_err(|error| (String::new(), error.to_string()))
}

/// The code itself is never repeated: reports are mailed around.
fn parse_code(text: &str) -> Result<Code, String> {
    if text.is_empty() {
        return Err("Enter a code.".to_owned());
    }
    let is_telegrams = text
        .strip_prefix(TELEGRAMS_OWN)
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    if is_telegrams {
        return Err(format!("Telegram itself sends \"{TELEGRAMS_OWN}\" with a number: no code can look like that."));
    }
    let sentence = "is no code: behind \"?start=\" stand letters, digits, \"_\" and \"-\"";
    let code = Code::parse(text).ok_or_else(|| format!("This {sentence}, at most {CODE_MAX} of them."))?;
    if code.strength() < STRENGTH_MIN {
        let sentence =
            "This code can be found by trying. It needs 7 characters when they are digits, small and capital letters";
        return Err(format!("{sentence}, 9 when they are of one case, and 13 when they are digits only."));
    }
    Ok(code)
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let moment: Result<jiff::Timestamp, _> = text.parse();
    moment
        .map(|moment| Timestamp(moment.as_millisecond()))
        .map_err(|_| "\"expires_at\" is a moment with its offset (RFC 3339), such as 2027-01-31T12:00:00Z.".to_owned())
}

fn parse_chat(text: &str) -> Result<ChatId, String> {
    let number: i64 = text.parse().map_err(|_| {
        "\"chat_id\" is the number that Telegram gave to the chat, such as 123456789; a @name is none.".to_owned()
    })?;
    match number {
        1..=CHAT_MAX => Ok(ChatId(number)),
        ..=-1 => Err("This is a group or a channel: only private chats, whose numbers are positive, can be connected."
            .to_owned()),
        _ => Err("Telegram gives no chat such a number.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_stand_in_one_field() {
        let mut rows = Vec::new();
        let wrong = accounts("username,tags\nada,\"vip, Beta\"\nben,vip;beta\ncleo,vip beta\ndan,\n", &mut rows);
        assert!(wrong.is_empty());
        let tags = |at: usize| rows[at].1.tags.clone().unwrap();
        assert_eq!((tags(0), tags(0), tags(3).len()), (tags(1), tags(2), 0));
        assert!(rows.iter().all(|(_, told)| told.name.is_none()), "what has no column stays");
    }

    #[test]
    fn codes_fit_behind_start_and_are_not_repeated() {
        let good = ["AbCd-_12".to_owned(), "x".repeat(CODE_MAX), "bizChatter".to_owned()];
        assert!(good.iter().all(|text| parse_code(text).is_ok()));
        let long = "x".repeat(CODE_MAX + 1);
        for bad in
            ["", "AbC-12", "123456789012", "abcdefgh", "12 45678", "12345678=", "ünïcodeünïcode", "bizChat123", &long]
        {
            let sentence = parse_code(bad).err().unwrap();
            assert!(bad.is_empty() || bad == "bizChat123" || !sentence.contains(bad), "{sentence}");
        }
    }

    #[test]
    fn moments_have_an_offset() {
        assert_eq!(moment("1970-01-01T01:00:00.5+01:00"), Ok(Timestamp(500)));
        for bad in ["2027-01-31", "2027-01-31T12:00:00", "31.01.2027", "soon"] {
            assert!(moment(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_private_chats_are_connected() {
        assert_eq!(parse_chat("123456789"), Ok(ChatId(123_456_789)));
        assert_eq!(parse_chat(&CHAT_MAX.to_string()), Ok(ChatId(CHAT_MAX)));
        assert!(parse_chat("-1001234567890").unwrap_err().contains("group"));
        for bad in ["0", "@ada", "1.5", "", "4503599627370496", "99999999999999999999"] {
            assert!(parse_chat(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wrong_line_of_codes_names_nothing_that_could_be_a_code() {
        let mut rows = Vec::new();
        let wrong = codes("code,username\n123,ada\nCARD-0042,\n", &mut rows);
        let told: Vec<(u64, &str)> = wrong.iter().map(|misread| (misread.line, misread.username.as_str())).collect();
        assert_eq!(told, [(2, ""), (3, "")], "with its columns swapped it would be the code");
    }
}
