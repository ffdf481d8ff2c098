//! A browser that speaks to the server in this process: it keeps cookies as browsers do, sends forms with the token of the page
//! it was shown, and says where it comes from.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use startlink::clock::Timestamp;
use startlink::runtime::block_on;
use startlink::secret::{Hash, Secret};
use startlink::wire::Peer;
use tide::http::{Method, Request, Url};

use super::app::{PASSWORD, TestApp};

/// The second factor of the admins in tests.
pub const TOTP_SECRET: &[u8] = b"twenty bytes secret!";

/// The authenticator's code at a moment.
pub fn code_at(secret: &[u8], at: Timestamp) -> String {
    let totp = totp_rs::Builder::new().with_secret(secret.to_vec()).with_account_name("x").build().unwrap();
    totp.generate(u64::try_from(at.seconds()).unwrap()).to_string()
}

pub struct Browser<'a> {
    app: &'a TestApp,
    host: String,
    peer: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    pub csrf: Option<String>,
    /// Headers of every request, such as a proxy's.
    pub extra: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    fn of(mut response: tide::http::Response) -> Self {
        let pairs = response.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let headers = pairs.map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let bytes = block_on(response.take_body().into_bytes()).unwrap();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Self { status: response.status().into(), headers, body }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn location(&self) -> &str {
        self.header("location").unwrap_or("")
    }

    /// The key for an authenticator that the page shows.
    pub fn secret(&self) -> Vec<u8> {
        let field = self.between("id=\"totp-key\"", ">").unwrap();
        let key = field.split_once("value=\"").unwrap().1.split('"').next().unwrap().replace(' ', "");
        totp_rs::Secret::try_from_base32(key).unwrap().as_bytes().to_vec()
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.iter().filter(|(key, _)| key == "set-cookie").map(|(_, value)| value.as_str()).collect()
    }

    /// The text between two marks, unescaped where that matters for values.
    pub fn between(&self, before: &str, after: &str) -> Option<String> {
        let rest = self.body.split_once(before)?.1;
        Some(rest.split_once(after)?.0.replace("&amp;", "&").replace("&quot;", "\""))
    }
}

impl<'a> Browser<'a> {
    pub fn new(app: &'a TestApp, host: &str, peer: SocketAddr) -> Self {
        Self { app, host: host.to_owned(), peer, cookies: BTreeMap::new(), csrf: None, extra: Vec::new() }
    }

    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.extra.push((name, value.to_owned()));
        self
    }

    /// What the session is stored under.
    pub fn session_hash(&self) -> Hash {
        Secret::new(self.cookies["__Host-startlink"].as_str()).hash()
    }

    pub fn get(&mut self, path: &str) -> Reply {
        self.send(Method::Get, path, None, &[])
    }

    /// Sends a form, with the token of the last page that had one.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        if let (Some(token), false) = (&self.csrf, fields.iter().any(|(name, _)| *name == "_csrf")) {
            form.append_pair("_csrf", token);
        }
        self.send(Method::Post, path, Some(form.finish()), &[("sec-fetch-site", "same-origin")])
    }

    /// Sends a form with a file in its field `photo`, as browsers do; the token of the last page stands first.
    pub fn upload(&mut self, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Reply {
        let name = if file.is_empty() { "" } else { "a.png" };
        self.upload_as(path, fields, ("photo", name, file))
    }

    /// The same with a file of a name in a field.
    pub fn upload_as(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (field, name, file): (&str, &str, &[u8]),
    ) -> Reply {
        let token = self.csrf.clone().unwrap_or_default();
        let mut body = Vec::new();
        let part = |name: &str, more: &str| {
            format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n")
        };
        for (name, value) in [("_csrf", token.as_str())].iter().chain(fields) {
            body.extend_from_slice(format!("{}{value}\r\n", part(name, "")).as_bytes());
        }
        let head = part(field, &format!("; filename=\"{name}\"\r\nContent-Type: application/octet-stream"));
        body.extend_from_slice(&[head.as_bytes(), file, b"\r\n--frontier--\r\n"].concat());
        let headers = [("sec-fetch-site", "same-origin"), ("content-type", "multipart/form-data; boundary=frontier")];
        self.send_bytes(Method::Post, path, Some(body), &headers)
    }

    /// [`Browser::post`], and then what it leads to.
    pub fn post_and_follow(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let reply = self.post(path, fields);
        if reply.status == 303 { self.get(reply.location()) } else { reply }
    }

    /// Signs in with [`PASSWORD`] and the present code, as far as it goes; the last reply.
    pub fn sign_in(&mut self, name: &str) -> Reply {
        self.get("/sign-in");
        let half = self.post_and_follow("/sign-in", &[("name", name), ("password", PASSWORD)]);
        assert_eq!(half.status, 200, "{}", half.body);
        let code = code_at(TOTP_SECRET, self.app.clock.now());
        self.post("/sign-in/code", &[("code", &code)])
    }

    pub fn send(&mut self, method: Method, path: &str, form: Option<String>, headers: &[(&str, &str)]) -> Reply {
        self.send_bytes(method, path, form.map(String::into_bytes), headers)
    }

    fn send_bytes(&mut self, method: Method, path: &str, body: Option<Vec<u8>>, headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::new(method, Url::parse(&format!("http://{}{path}", self.host)).unwrap());
        request.insert_header("host", &self.host);
        request.insert_header("accept", "text/html,*/*");
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.insert_header("cookie", pairs.join("; "));
        }
        if let Some(body) = body {
            request.set_body(body);
            request.insert_header("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in
            self.extra.iter().map(|(name, value)| (*name, value.as_str())).chain(headers.iter().copied())
        {
            request.insert_header(name, value);
        }
        request.ext_mut().insert(Peer(self.peer));
        let reply = Reply::of(block_on(self.app.server.respond(request)).unwrap());
        self.keep_cookies(&reply);
        if let Some(token) = reply.between("name=\"_csrf\" value=\"", "\"") {
            self.csrf = Some(token);
        }
        reply
    }

    fn keep_cookies(&mut self, reply: &Reply) {
        for line in reply.set_cookies() {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap_or_default();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
