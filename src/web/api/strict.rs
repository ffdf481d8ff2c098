//! JSON that says each thing once (RFC 8259, section 4; RFC 7493, section 2.3): of two members with one name a reader would
//! take one and pass over the other, so such a body is refused, with the place where it stands.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::super::Problem;
use super::wrong;

/// Reads one JSON value.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Problem> {
    let mut twice = None;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let seed = Once { path: String::new(), twice: &mut twice };
    let read = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let place = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let problem = match twice {
            Some(path) => wrong::twice(&path),
            None => wrong::bad_json(format!("The body cannot be read as JSON: {error}. Nothing was changed.")),
        };
        problem.at_line(place(error.line())).at_column(place(error.column()))
    })
}

/// A value whose objects name each member once.
struct Once<'t> {
    /// Where it stands in the body.
    path: String,
    /// The member that stands there twice.
    twice: &'t mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let Self { path, twice } = self;
        let mut values = Vec::new();
        while let Some(value) =
            list.next_element_seed(Once { path: format!("{path}[{}]", values.len()), twice: &mut *twice })?
        {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let Self { path, twice } = self;
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if map.contains_key(&name) {
                *twice = Some(path);
                return Err(A::Error::custom("a member stands here twice"));
            }
            let value = members.next_value_seed(Once { path, twice: &mut *twice })?;
            map.insert(name, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::runtime::block_on;
    use crate::web::error::Wants;

    fn wrong(text: &str) -> (u16, String, String, u64, u64) {
        let mut response = read(text.as_bytes()).err().unwrap().answer(Wants::Json, "");
        let body: Value = serde_json::from_str(&block_on(response.take_body().into_string()).unwrap()).unwrap();
        let word = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| body[name].as_u64().unwrap_or_default();
        (response.status().into(), word("code"), word("field"), number("line"), number("column"))
    }

    #[test]
    fn values_of_every_kind_come_as_they_stand() {
        let value = json!({ "a": [null, true, -1, 2, 1.5, "x\n"], "b": { "a": {}, "c": [] }, "max": u64::MAX });
        assert_eq!(read(value.to_string().as_bytes()).ok(), Some(value));
    }

    #[test]
    fn a_member_that_stands_there_twice_is_refused_by_name() {
        let wrong = |text: &str| {
            let (status, code, field, ..) = wrong(text);
            (status, code, field)
        };
        let twice = |field: &str| (400, "duplicate_field".to_owned(), field.to_owned());
        assert_eq!(wrong(r#"{"text": "a", "text": "b"}"#), twice("text"));
        assert_eq!(wrong(r#"{"to": {"username": "a", "user\u006eame": "b"}}"#), twice("to.username"));
        assert_eq!(wrong(r#"{"buttons": [[{"label": "a"}, {"url": "b", "url": "b"}]]}"#), twice("buttons[0][1].url"));
    }

    #[test]
    fn what_breaks_is_told_with_line_and_column() {
        assert_eq!(wrong("{\n  \"a\": }"), (400, "bad_json".into(), String::new(), 2, 8));
        assert_eq!(wrong("{\"a\": 1}\n{}"), (400, "bad_json".into(), String::new(), 2, 1));
        assert_eq!(wrong("{\n\"a\": 1,\n\"a\": 2}").3, 3);
        let deep = "[".repeat(100_000);
        assert_eq!(wrong(&deep).1, "bad_json", "and nothing overflows");
        assert_eq!(wrong("\u{feff}{}").1, "bad_json");
    }
}
