//! Passwords: from a prompt that does not show them, or from standard input; never an argument.

use std::io::{BufRead, IsTerminal as _};

use super::exit::Failure;
use crate::secret::{Secret, same};

/// A new password: asked for twice at a terminal, otherwise the first line of standard input.
pub(super) fn choose(name: &str) -> Result<Secret, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        let first = prompt(&format!("New password for {name}: "))?;
        let second = prompt("The same again: ")?;
        let equal = same(first.expose(), second.expose());
        return if equal {
            Ok(first)
        } else {
            Err(Failure::Usage("the two passwords differ; nothing was changed".to_owned()))
        };
    }
    first_line(input.lock())
}

fn prompt(text: &str) -> Result<Secret, Failure> {
    let typed = rpassword::prompt_password(text);
    typed
        .map(Secret::new)
        .map_err(|error| Failure::Usage(format!("no password could be read from the terminal: {error}")))
}

fn first_line(mut input: impl BufRead) -> Result<Secret, Failure> {
    let mut line = String::new();
    input.read_line(&mut line).map_err(|error| Failure::Usage(format!("no password could be read: {error}")))?;
    let password = line.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        return Err(Failure::Usage("no password on standard input; it is the first line".to_owned()));
    }
    Ok(Secret::new(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password_with_its_spaces() {
        let read = |text: &str| first_line(text.as_bytes()).map(|secret| secret.expose().to_owned()).ok();
        assert_eq!(read(" correct horse \r\nsecond\n").as_deref(), Some(" correct horse "));
        assert_eq!(read("no line feed").as_deref(), Some("no line feed"));
        assert_eq!(read("\nsecond"), None);
        assert_eq!(read(""), None);
    }
}
