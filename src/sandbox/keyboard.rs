//! Inline keyboards: read from `reply_markup`, judged as Telegram does, written back into messages.

use serde::Serialize;
use serde_json::Value;

use super::entities::units;
use super::links;

/// Buttons under a message, row by row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Keyboard {
    /// The rows, from top to bottom.
    #[serde(rename = "inline_keyboard")]
    pub rows: Vec<Vec<Button>>,
}

/// One button: a label and exactly one action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What is written on it.
    pub text: String,
    /// `danger`, `success` or `primary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// What a press does.
    #[serde(flatten)]
    pub action: Action,
}

/// What pressing a button does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Opens an address.
    Url(String),
    /// Sends a callback query to the bot.
    CallbackData(String),
    /// Copies a text.
    CopyText {
        /// The text to copy.
        text: String,
    },
}

const ACTIONS: [&str; 12] = [
    "url",
    "callback_data",
    "copy_text",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "callback_game",
    "pay",
    "disabled",
    "rich",
];

/// Reads `reply_markup`. `Ok(None)`: valid, but nothing to show under the message (reply keyboards, forced replies). The
/// error is Telegram's description after `Bad Request: `.
pub fn parse(json: &str) -> Result<Option<Keyboard>, String> {
    if json.trim().is_empty() {
        return Ok(None);
    }
    let value: Value =
        serde_json::from_str(json).map_err(|_| "can't parse reply keyboard markup JSON object".to_owned())?;
    let Value::Object(markup) = &value else {
        return Err("object expected as reply markup".to_owned());
    };
    let Some(rows) = markup.get("inline_keyboard") else { return Ok(None) };
    let rows = rows.as_array().ok_or("field \"inline_keyboard\" must be of type Array")?;
    let mut keyboard = Keyboard { rows: Vec::new() };
    for row in rows {
        let row = row.as_array().ok_or("field \"inline_keyboard\" must be an Array of Arrays")?;
        let buttons = row.iter().map(button).collect::<Result<Vec<_>, _>>()?;
        if !buttons.is_empty() {
            keyboard.rows.push(buttons);
        }
    }
    if keyboard.rows.iter().any(|row| row.len() > 8) || keyboard.rows.iter().map(Vec::len).sum::<usize>() > 100 {
        return Err("reply markup is too long".to_owned());
    }
    Ok(Some(keyboard).filter(|keyboard| !keyboard.rows.is_empty()))
}

fn button(value: &Value) -> Result<Button, String> {
    let cannot = |why: &str| format!("can't parse inline keyboard button: {why}");
    let Value::Object(fields) = value else {
        return Err(cannot("InlineKeyboardButton must be an Object"));
    };
    let string = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(cannot(&format!("Field \"{name}\" must be of type String"))),
    };
    let text = string("text")?.ok_or_else(|| cannot("Can't find field \"text\""))?;
    if text.trim().is_empty() {
        return Err(cannot("Button text must be non-empty"));
    }
    let given: Vec<&str> = ACTIONS.iter().copied().filter(|name| fields.contains_key(*name)).collect();
    if let [_, _, ..] = given.as_slice() {
        // Telegram takes the first and forgets the others; its documentation demands exactly one.
        return Err(cannot(&format!("exactly one action is allowed, found {}", given.join(" and "))));
    }
    let action = match given.first().copied() {
        Some("url") => url(&string("url")?.unwrap_or_default())?,
        Some("callback_data") => data(string("callback_data")?.unwrap_or_default())?,
        Some("copy_text") => copy(fields.get("copy_text").and_then(|copy| copy.get("text")).and_then(Value::as_str))?,
        Some("callback_game" | "pay") => return Err("BUTTON_TYPE_INVALID".to_owned()),
        Some(other) => return Err(format!("the sandbox does not show {other} buttons")),
        None => return Err(unallowed()),
    };
    Ok(Button { text, style: string("style")?, action })
}

fn unallowed() -> String {
    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard".to_owned()
}

fn url(url: &str) -> Result<Action, String> {
    if url.is_empty() {
        return Err(unallowed());
    }
    match links::check(url) {
        Ok(url) => Ok(Action::Url(url)),
        Err(why) => Err(format!("inline keyboard button URL '{url}' is invalid: {why}")),
    }
}

fn data(data: String) -> Result<Action, String> {
    match data.len() {
        0 => Err(unallowed()),
        1..=64 => Ok(Action::CallbackData(data)),
        _ => Err("BUTTON_DATA_INVALID".to_owned()),
    }
}

fn copy(text: Option<&str>) -> Result<Action, String> {
    match text {
        Some(text) if (1..=256).contains(&units(text)) => Ok(Action::CopyText { text: text.to_owned() }),
        Some(_) | None => Err("BUTTON_COPY_TEXT_INVALID".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(button: &str) -> Result<Option<Keyboard>, String> {
        parse(&format!("{{\"inline_keyboard\":[[{button}]]}}"))
    }

    #[test]
    fn a_button_has_exactly_one_valid_action() {
        assert_eq!(
            one(r#"{"callback_data":"x"}"#).unwrap_err(),
            "can't parse inline keyboard button: Can't find field \"text\""
        );
        assert_eq!(one(r#"{"text":"a"}"#).unwrap_err(), unallowed());
        assert_eq!(one(r#"{"text":"a","callback_data":""}"#).unwrap_err(), unallowed());
        assert_eq!(
            one(r#"{"text":"a","callback_data":"x","url":"https://a.example"}"#).unwrap_err(),
            "can't parse inline keyboard button: exactly one action is allowed, found url and callback_data"
        );
        assert_eq!(
            one(&format!(r#"{{"text":"a","callback_data":"{}"}}"#, "é".repeat(33))).unwrap_err(),
            "BUTTON_DATA_INVALID"
        );
        assert!(one(&format!(r#"{{"text":"a","callback_data":"{}"}}"#, "é".repeat(32))).is_ok());
        assert_eq!(
            one(r#"{"text":"a","url":"http://localhost:8080"}"#).unwrap_err(),
            "inline keyboard button URL 'http://localhost:8080' is invalid: Wrong HTTP URL"
        );
        assert_eq!(
            one(r#"{"text":"a","url":"ftp://example.com"}"#).unwrap_err(),
            "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol"
        );
        assert_eq!(
            one(&format!(r#"{{"text":"a","copy_text":{{"text":"{}"}}}}"#, "x".repeat(257))).unwrap_err(),
            "BUTTON_COPY_TEXT_INVALID"
        );
    }

    #[test]
    fn a_keyboard_is_written_as_it_was_read() {
        let keyboard = parse(
            r#"{"inline_keyboard":[[{"text":"a","copy_text":{"text":"t"}}],[],[{"text":"b","callback_data":"d"}]]}"#,
        );
        let json = serde_json::to_string(&keyboard.unwrap().unwrap()).unwrap();
        assert_eq!(
            json,
            r#"{"inline_keyboard":[[{"text":"a","copy_text":{"text":"t"}}],[{"text":"b","callback_data":"d"}]]}"#
        );
    }

    #[test]
    fn other_reply_markups_are_taken_but_not_shown() {
        assert_eq!(parse(r#"{"remove_keyboard":true}"#), Ok(None));
        assert_eq!(parse("[]").unwrap_err(), "object expected as reply markup");
        assert_eq!(parse("{").unwrap_err(), "can't parse reply keyboard markup JSON object");
    }
}
