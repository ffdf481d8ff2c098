//! Cookies, written and read by hand (RFC 6265bis): host-only, `HttpOnly`, `SameSite=Strict`, and with TLS `Secure` under the
//! prefix `__Host-`, which keeps sibling hosts from planting one.

use std::time::Duration;

use super::Response;
use super::visitor::{Origin, Scheme};
use crate::secret::Secret;

/// The cookies of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The session.
    Session,
    /// A browser that signed in fully before.
    Device,
    /// The session of someone in the portal.
    MemberSession,
    /// A browser that signed in fully to the portal before.
    MemberDevice,
    /// The browser that does the set-up.
    Setup,
    /// A sentence for the next page.
    Flash,
}

impl Cookie {
    fn stem(self) -> &'static str {
        match self {
            Self::Session => "startlink",
            Self::Device => "startlink-device",
            Self::MemberSession => "startlink-me",
            Self::MemberDevice => "startlink-me-device",
            Self::Setup => "startlink-setup",
            Self::Flash => "startlink-flash",
        }
    }

    /// Its name under this scheme.
    #[must_use]
    pub fn name(self, scheme: Scheme) -> String {
        match scheme {
            Scheme::Https => format!("__Host-{}", self.stem()),
            Scheme::Http => self.stem().to_owned(),
        }
    }

    /// Its value in the lines of a `Cookie` header. The first one counts.
    #[must_use]
    pub fn read<'a>(self, scheme: Scheme, lines: impl IntoIterator<Item = &'a str>) -> Option<Secret> {
        let name = self.name(scheme);
        let pairs = lines.into_iter().flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| Secret::new(value))
    }

    /// Hands it to the browser; `life` is none for as long as the browser runs. The value is plain base64url text.
    pub fn put(self, response: &mut Response, origin: &Origin, value: &Secret, life: Option<Duration>) {
        let age = life.map(|life| format!("; Max-Age={}", life.as_secs())).unwrap_or_default();
        self.write(response, origin.scheme, &format!("{}{age}", value.expose()));
    }

    /// Takes it back from the browser.
    pub fn clear(self, response: &mut Response, origin: &Origin) {
        self.write(response, origin.scheme, "; Max-Age=0");
    }

    fn write(self, response: &mut Response, scheme: Scheme, value: &str) {
        let secure = match scheme {
            Scheme::Https => "; Secure",
            Scheme::Http => "",
        };
        let name = self.name(scheme);
        response.append_header("set-cookie", format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(scheme: Scheme) -> String {
        let mut response = Response::new(200);
        let origin = Origin { text: String::new(), scheme };
        Cookie::Session.put(&mut response, &origin, &Secret::new("abc"), None);
        response.header("set-cookie").map(|values| values.last().to_string()).unwrap_or_default()
    }

    #[test]
    fn a_cookies_form_follows_the_scheme() {
        assert_eq!(set(Scheme::Https), "__Host-startlink=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert_eq!(set(Scheme::Http), "startlink=abc; Path=/; HttpOnly; SameSite=Strict");
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_under_its_scheme() {
        let lines = ["a=1; startlink=plain", "__Host-startlink=tls; startlink-device=d"];
        let read = |cookie: Cookie, scheme| cookie.read(scheme, lines).map(|value| value.expose().to_owned());
        assert_eq!(read(Cookie::Session, Scheme::Https).as_deref(), Some("tls"));
        assert_eq!(read(Cookie::Session, Scheme::Http).as_deref(), Some("plain"));
        assert_eq!(read(Cookie::Device, Scheme::Http).as_deref(), Some("d"));
        assert_eq!(read(Cookie::Device, Scheme::Https), None);
    }
}
