//! Claims: what a code that comes from a chat does, and the questions it may lead to.

mod press;

pub use press::{Choice, Press};
