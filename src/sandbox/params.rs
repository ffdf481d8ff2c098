//! The parameters of a call, from query, form or JSON body, as Telegram's server sees them: all texts. Also says what
//! Telegram would have passed over in silence.

use multer::bytes::Bytes;
use serde_json::Value;

use super::methods::{Method, Type, parameter};
use super::refusal::Refusal;

/// A file of a form.
#[derive(Debug)]
pub struct Upload {
    /// What its sender called it; may be empty.
    pub name: String,
    /// The media type its sender gave; empty when it says nothing.
    pub mime: String,
    /// The file itself.
    pub bytes: Bytes,
}

/// Parameters in the order they came; later ones of the same name are ignored.
#[derive(Debug, Default)]
pub struct Params {
    list: Vec<(String, String)>,
    /// Files of a form, by their field's name.
    files: Vec<(String, Upload)>,
    /// Names whose value came in a JSON body with a JSON type that is not the documented one.
    odd: Vec<String>,
}

impl Params {
    /// Adds the pairs of a query or a form.
    pub fn add_pairs(&mut self, encoded: &[u8]) {
        for (name, value) in form_urlencoded::parse(encoded) {
            self.list.push((name.into_owned(), value.into_owned()));
        }
    }

    /// Adds a text field of a form.
    pub fn add_text(&mut self, name: String, value: String) {
        self.list.push((name, value));
    }

    /// Adds a file of a form; among the texts it stands with its length only.
    pub fn add_file(&mut self, name: String, file: Upload) {
        self.list.push((name.clone(), format!("(a file of {} bytes)", file.bytes.len())));
        self.files.push((name, file));
    }

    /// The file that a parameter is, or that it names as `attach://FIELD` (Bot API, "Sending files").
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&Upload> {
        let field = self.find(name)?.strip_prefix("attach://").unwrap_or(name);
        self.files.iter().find(|(own, _)| own == field).map(|(_, file)| file)
    }

    /// Adds the fields of a JSON object; values that are not texts are kept as their JSON.
    pub fn add_json(&mut self, body: &[u8], method: Option<Method>) -> Result<(), Refusal> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let fields = match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(Refusal::bad("object expected as the request body")),
            Err(_) => return Err(Refusal::bad("can't parse the request body as JSON")),
        };
        for (name, value) in fields {
            if !value.is_null()
                && method.and_then(|method| parameter(method, &name)).is_some_and(|kind| !fits(kind, &value))
            {
                self.odd.push(name.clone());
            }
            match value {
                Value::Null => {}
                Value::String(text) => self.list.push((name, text)),
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    self.list.push((name, value.to_string()));
                }
            }
        }
        Ok(())
    }

    /// The value of a parameter; an empty text when it is absent, as Telegram's server has it.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.find(name).unwrap_or("")
    }

    /// The value of a parameter that was given.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A whole number; anything else counts as absent.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    /// True for `true`, `yes` and `1` in any case, false for everything else.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        ["true", "yes", "1"].iter().any(|yes| yes.eq_ignore_ascii_case(self.text(name)))
    }

    /// What the bot's author should know about these parameters.
    #[must_use]
    pub fn warnings(&self, method: Method) -> Vec<String> {
        let mut warnings: Vec<String> = Vec::new();
        for (name, value) in &self.list {
            match parameter(method, name) {
                None if self.list.iter().any(|(_, other)| other.strip_prefix("attach://") == Some(name)) => {}
                None => warnings.push(format!("unknown parameter \"{name}\"")),
                Some(kind) if !reads(kind, value) => {
                    warnings.push(format!("\"{name}\" is not {}", article(kind)));
                }
                Some(_) => {}
            }
        }
        warnings.extend(self.odd.iter().map(|name| format!("\"{name}\" has an unexpected JSON type")));
        warnings
    }

    /// All of them, for the journal.
    #[must_use]
    pub fn into_list(self) -> Vec<(String, String)> {
        self.list
    }
}

/// Whether a JSON value has the documented type.
fn fits(kind: Type, value: &Value) -> bool {
    match kind {
        Type::Int => value.is_i64(),
        Type::Bool => value.is_boolean(),
        Type::Text | Type::File => value.is_string(),
        Type::Chat => value.is_i64() || value.is_string(),
        Type::Object => value.is_object(),
        Type::List => value.is_array(),
    }
}

/// Whether a text can be read as the documented type.
fn reads(kind: Type, value: &str) -> bool {
    match kind {
        Type::Int => value.parse::<i64>().is_ok(),
        Type::Bool => ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(value)),
        Type::Text | Type::File => true,
        Type::Chat => value.starts_with('@') || value.parse::<i64>().is_ok(),
        Type::Object => value.trim_start().starts_with('{'),
        Type::List => value.trim_start().starts_with('['),
    }
}

fn article(kind: Type) -> &'static str {
    match kind {
        Type::Int => "a whole number",
        Type::Bool => "true or false",
        Type::Text => "a text",
        Type::Chat => "a chat id or @username",
        Type::Object => "a JSON object",
        Type::List => "a JSON list",
        Type::File => "a file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_json_give_the_same_texts() {
        let mut form = Params::default();
        form.add_pairs(b"chat_id=7100000001&text=a%20b+c&protect_content=true");
        let mut json = Params::default();
        let body = br#"{"chat_id":7100000001,"text":"a b c","protect_content":true,"entities":null}"#;
        json.add_json(body, Some(Method::SendMessage)).unwrap();
        for params in [&form, &json] {
            assert_eq!(
                (params.int("chat_id"), params.text("text"), params.flag("protect_content")),
                (Some(7_100_000_001), "a b c", true)
            );
            assert_eq!(params.warnings(Method::SendMessage), Vec::<String>::new());
        }
    }

    #[test]
    fn unknown_names_and_wrong_types_are_warned_about() {
        let mut params = Params::default();
        params
            .add_json(
                br#"{"chat_id":1,"txt":"a","protect_content":"true","reply_markup":"{}"}"#,
                Some(Method::SendMessage),
            )
            .unwrap();
        assert_eq!(
            params.warnings(Method::SendMessage),
            [
                "unknown parameter \"txt\"",
                "\"protect_content\" has an unexpected JSON type",
                "\"reply_markup\" has an unexpected JSON type"
            ]
        );
        let mut params = Params::default();
        params.add_pairs(b"timeout=soon");
        assert_eq!(params.warnings(Method::GetUpdates), ["\"timeout\" is not a whole number"]);
    }

    #[test]
    fn a_body_that_is_no_json_object_is_refused() {
        assert!(Params::default().add_json(b"[1]", None).is_err());
        assert!(Params::default().add_json(b"{", None).is_err());
        assert!(Params::default().add_json(b" ", None).is_ok());
    }
}
