//! Bodies in JSON (RFC 8259): read within limits, field by field. What is wrong is told with the field's path, and a field that
//! nobody asked for is refused by name, so that a mistyped one is not passed over.

use serde_json::{Map, Value};

use super::super::{Call, Problem};
use super::{strict, wrong};

/// The fields of an object that were not read yet.
pub(super) struct Fields {
    map: Map<String, Value>,
    /// Where the object stands in the body: `to.`, or nothing at its root.
    at: String,
}

impl Fields {
    /// Reads a body that has to be one JSON object.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let Value::Object(map) = strict::read(bytes)? else {
            let text = "The body has to be a JSON object, such as {\"username\": \"ada\"}. Nothing was changed.";
            return Err(wrong::bad_json(text));
        };
        Ok(Self { map, at: String::new() })
    }

    /// An object without fields.
    pub(super) fn empty() -> Self {
        Self { map: Map::new(), at: String::new() }
    }

    /// Where a field stands in the body.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.at)
    }

    /// A field's value; `null` stands for nothing.
    pub(super) fn value(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    /// Whether a field is there and `null`: what a change takes away.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(Value::is_null)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong_type(name, "a text")),
        }
    }

    /// A text that has to be there.
    pub(super) fn needed(&mut self, name: &str) -> Result<String, Problem> {
        self.text(name)?.ok_or_else(|| wrong::missing(&self.path(name)))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        Ok(self.choice(name)?.unwrap_or(false))
    }

    /// A flag, if it is told.
    pub(super) fn choice(&mut self, name: &str) -> Result<Option<bool>, Problem> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong_type(name, "true or false")),
        }
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self, name: &str) -> Result<Option<u64>, Problem> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_u64().map(Some).ok_or_else(|| self.wrong_type(name, "a whole number that is not negative"))
    }

    /// A whole number.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<i64>, Problem> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_i64().map(Some).ok_or_else(|| self.wrong_type(name, "a whole number"))
    }

    pub(super) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Problem> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = value.as_array().and_then(|list| list.iter().map(text).collect());
        list.map(Some).ok_or_else(|| self.wrong_type(name, "a list of texts"))
    }

    /// A list of anything.
    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, Problem> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(_) => Err(self.wrong_type(name, "a list")),
        }
    }

    /// An object inside.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, Problem> {
        let path = self.path(name);
        match self.value(name) {
            None => Ok(None),
            Some(value) => Self::of(value, path).map(Some),
        }
    }

    /// A value that has to be an object, which stands at `path`.
    pub(super) fn of(value: Value, path: String) -> Result<Self, Problem> {
        let Value::Object(map) = value else { return Err(type_of(path, "an object")) };
        Ok(Self { map, at: format!("{path}.") })
    }

    /// What was not read yet, as JSON.
    pub(super) fn into_json(self) -> String {
        Value::Object(self.map).to_string()
    }

    /// Refuses what was not asked for.
    pub(super) fn done(self) -> Result<(), Problem> {
        match self.map.keys().next() {
            Some(name) => Err(wrong::unknown_field(&self.path(name))),
            None => Ok(()),
        }
    }

    fn wrong_type(&self, name: &str, wanted: &str) -> Problem {
        type_of(self.path(name), wanted)
    }
}

fn type_of(path: String, wanted: &str) -> Problem {
    let text = format!("The field \"{path}\" has to be {wanted}. Nothing was changed.");
    wrong::invalid(path, text)
}

/// The body of a request, if it has the type.
pub(super) async fn bytes(call: &mut Call, media_type: &str, most: usize) -> Result<Vec<u8>, Problem> {
    let given = call.header("content-type").unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(media_type) {
        let text = format!("The body has to be sent with \"Content-Type: {media_type}\". Nothing was changed.");
        return Err(Problem::told(415, "unsupported_media_type", "This type is not understood", text));
    }
    let body = call.body(most).await?;
    if body.len() > most {
        return Err(Problem::too_large(format!("The body has at most {most} bytes here. Nothing was changed.")));
    }
    Ok(body)
}

/// Most bytes of one object.
pub(super) const OBJECT_BYTES: usize = 512 * 1024;

/// The body of a request as one JSON object, with its bytes.
pub(super) async fn object(call: &mut Call) -> Result<(Fields, Vec<u8>), Problem> {
    let bytes = bytes(call, "application/json", OBJECT_BYTES).await?;
    Ok((Fields::parse(&bytes)?, bytes))
}

/// The same where the body may be left out.
pub(super) async fn optional(call: &mut Call) -> Result<(Fields, Vec<u8>), Problem> {
    if call.header("content-type").is_some() {
        return object(call).await;
    }
    let bytes = call.body(OBJECT_BYTES).await?;
    if bytes.is_empty() { Ok((Fields::empty(), bytes)) } else { Ok((Fields::parse(&bytes)?, bytes)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::block_on;
    use crate::web::error::Wants;

    fn told(problem: Problem) -> Value {
        let mut response = problem.answer(Wants::Json, "");
        serde_json::from_str(&block_on(response.take_body().into_string()).unwrap()).unwrap()
    }

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes()).ok().unwrap()
    }

    #[test]
    fn fields_are_read_by_their_type_and_null_is_nothing() {
        let mut fields = fields(r#"{"a": "x", "n": 3, "f": true, "l": ["y"], "o": {"in": null}, "z": null}"#);
        assert_eq!(fields.text("a").ok(), Some(Some("x".to_owned())));
        assert_eq!((fields.count("n").ok(), fields.flag("f").ok()), (Some(Some(3)), Some(true)));
        assert_eq!(fields.texts("l").ok(), Some(Some(vec!["y".to_owned()])));
        let mut inner = fields.object("o").ok().flatten().unwrap();
        assert_eq!(inner.text("in").ok(), Some(None));
        assert!(fields.is_null("z") && !fields.is_null("none"));
        assert_eq!(fields.text("z").ok(), Some(None));
        assert!(inner.done().is_ok() && fields.done().is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_path() {
        let wrong = |text: &str, read: fn(&mut Fields) -> Option<Problem>| {
            let body = told(read(&mut fields(text)).unwrap());
            (body["code"].as_str().unwrap().to_owned(), body["field"].as_str().unwrap().to_owned())
        };
        assert_eq!(wrong(r#"{"a": 1}"#, |f| f.text("a").err()), ("invalid".into(), "a".into()));
        assert_eq!(wrong(r#"{"n": -1}"#, |f| f.count("n").err()), ("invalid".into(), "n".into()));
        assert_eq!(wrong("{}", |f| f.needed("a").err()), ("missing_field".into(), "a".into()));
        let inner = |f: &mut Fields| f.object("to").ok().flatten().unwrap().done().err();
        assert_eq!(wrong(r#"{"to": {"user": 1}}"#, inner), ("unknown_field".into(), "to.user".into()));
    }

    #[test]
    fn what_is_no_json_names_the_line() {
        let body = told(Fields::parse(b"{\n\"a\": }").err().unwrap());
        assert_eq!(
            (body["status"].clone(), body["code"].clone(), body["line"].clone()),
            (400.into(), "bad_json".into(), 2.into())
        );
        assert_eq!(told(Fields::parse(b"[1]").err().unwrap())["code"], "bad_json");
    }
}
