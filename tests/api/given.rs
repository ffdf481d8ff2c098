//! A website with a key.

use std::net::SocketAddr;

use serde_json::Value;
use startlink::actions::Caller;
use startlink::actions::keys::{self, NewKey};
use startlink::model::admin::Role;
use startlink::model::api_key::ApiKey;
use startlink::model::event::Actor;
use startlink::runtime::block_on;
use startlink::store;
use startlink::wire::Peer;
use tide::http::{Method, Request, Url};

use crate::pages::given::act;
use crate::support::app::TestApp;

/// What an endpoint answered.
#[derive(Clone, Debug)]
pub struct Said {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
    /// The body, if it is JSON.
    pub json: Value,
}

impl Said {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The stable word of a problem, with its field.
    pub fn problem(&self) -> (u16, &str, &str) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let word = |name: &str| self.json[name].as_str().unwrap_or_default();
        (self.status, word("code"), word("field"))
    }
}

/// A website's server.
pub struct Site<'a> {
    pub app: &'a TestApp,
    secret: String,
}

impl<'a> Site<'a> {
    /// With a key of these scopes.
    pub fn with(app: &'a TestApp, scopes: &str) -> Self {
        let (scopes, number) = (scopes.to_owned(), app.state.rng().below(1_000_000_000));
        let caller = Caller { actor: Actor::Operator, role: Role::Owner };
        let secret = act(app, move |tx| {
            let name = format!("key {number}");
            let (_, _, secret) =
                keys::create(tx, &caller, NewKey { name: &name, scopes: &scopes, rate: 0, lifetime: None })?;
            Ok(secret.expose().to_owned())
        });
        Self { app, secret }
    }

    /// With a key that may make so many requests a minute.
    pub fn with_rate(app: &'a TestApp, rate: u32) -> Self {
        let site = Self::with(app, "all");
        act(app, move |tx| {
            let found = store::keys::all(tx)?;
            let (id, key) = found.last().expect("the key was made");
            Ok(store::keys::update(tx, *id, &ApiKey { rate, ..key.clone() })?)
        });
        site
    }

    /// Without a key.
    pub fn stranger(app: &'a TestApp) -> Self {
        Self { app, secret: String::new() }
    }

    pub fn get(&self, path: &str) -> Said {
        self.send(Method::Get, path, None, &[])
    }

    pub fn json(&self, method: Method, path: &str, body: &Value) -> Said {
        self.send(method, path, Some(("application/json", body.to_string())), &[])
    }

    pub fn post(&self, path: &str, body: &Value) -> Said {
        self.json(Method::Post, path, body)
    }

    pub fn send(&self, method: Method, path: &str, body: Option<(&str, String)>, headers: &[(&str, &str)]) -> Said {
        block_on(self.ask(method, path, body, headers))
    }

    /// The same, for whoever asks two things at once.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
        headers: &[(&str, &str)],
    ) -> Said {
        self.ask_with(method, path, body.map(|(media_type, body)| (media_type, body.into_bytes())), headers).await
    }

    /// A form with an object and a picture.
    pub fn form(&self, method: Method, path: &str, object: &Value, photo: &[u8], headers: &[(&str, &str)]) -> Said {
        self.form_with(method, path, object, &[("photo", "a.png", photo)], headers)
    }

    /// A form with an object and files: field, name and content of each.
    pub fn form_with(
        &self,
        method: Method,
        path: &str,
        object: &Value,
        files: &[(&str, &str, &[u8])],
        headers: &[(&str, &str)],
    ) -> Said {
        let mut body =
            format!("--xyz\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{object}\r\n").into_bytes();
        for (field, name, content) in files {
            let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n");
            body.extend(head.as_bytes());
            body.extend(b"Content-Type: application/pdf\r\n\r\n");
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(b"--xyz--\r\n");
        block_on(self.ask_with(method, path, Some(("multipart/form-data; boundary=xyz", body)), headers))
    }

    async fn ask_with(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
        headers: &[(&str, &str)],
    ) -> Said {
        let mut response = self.open(method, path, body, headers).await;
        let pairs = response.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let headers = pairs.map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let text = response.take_body().into_string().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Said { status: response.status().into(), headers, text, json }
    }

    /// The answer before its body is read.
    pub async fn open(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
        headers: &[(&str, &str)],
    ) -> tide::http::Response {
        let mut request = Request::new(method, Url::parse(&format!("http://links.example.org{path}")).unwrap());
        request.insert_header("host", "links.example.org");
        if !self.secret.is_empty() {
            request.insert_header("authorization", format!("Bearer {}", self.secret));
        }
        if let Some((media_type, body)) = body {
            request.set_body(body);
            request.insert_header("content-type", media_type);
        }
        for (name, value) in headers {
            request.insert_header(*name, *value);
        }
        request.ext_mut().insert(Peer("127.0.0.1:50000".parse::<SocketAddr>().unwrap()));
        self.app.server.respond(request).await.unwrap()
    }
}

/// A picture of one shade.
pub fn picture(shade: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 4, 3);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[shade; 36]).unwrap();
    bytes
}

/// The pictures that are kept: of each, how often it is carried.
pub fn photos(app: &TestApp) -> Vec<u32> {
    let rows = app.store.read(|read| store::photos::walk(read, None, 100)).unwrap();
    rows.into_iter().map(|(_, photo)| photo.uses).collect()
}
