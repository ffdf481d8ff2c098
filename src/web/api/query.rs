//! The query of a request: each parameter by name, none unknown, none twice.

use super::super::{Call, Problem};
use super::cursor::{Cursor, List};
use super::wrong;

/// Rows of a page, unless asked otherwise.
const LIMIT: usize = 50;
/// Most rows of a page.
pub(super) const LIMIT_MAX: usize = 200;
/// The longest that an answer waits for news, in seconds.
pub(super) const WAIT_MAX: u64 = 25;

/// What a query says.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query in which only these parameters may stand.
    pub(super) fn of(call: &Call, known: &[&str]) -> Result<Self, Problem> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in call.query_pairs() {
            if !known.contains(&name.as_str()) {
                return Err(wrong::unknown_field(&name));
            }
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(wrong::invalid(name.clone(), format!("The parameter \"{name}\" stands here twice.")));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// A parameter, if it is there; empty is not absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// How many rows are asked for.
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = self.get("limit") else { return Ok(LIMIT) };
        let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        limit.ok_or_else(|| wrong::invalid("limit", format!("A page has 1 to {LIMIT_MAX} rows.")))
    }

    /// How long to wait for news, in seconds.
    pub(super) fn wait(&self) -> Result<u64, Problem> {
        let Some(text) = self.get("wait") else { return Ok(0) };
        let wait = text.parse().ok().filter(|wait| *wait <= WAIT_MAX);
        wait.ok_or_else(|| wrong::invalid("wait", format!("An answer waits 0 to {WAIT_MAX} seconds.")))
    }

    /// Where a page of a list begins.
    pub(super) fn cursor<C: Cursor>(&self, name: &'static str, list: List) -> Result<Option<C>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let cursor = list.read(text).and_then(|text| C::parse(&text));
        cursor.map(Some).ok_or_else(|| {
            wrong::invalid(name, "This is no cursor of this list. Take it from the field \"next\" of the page before.")
        })
    }
}
