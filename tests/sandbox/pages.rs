//! The phone pages as a browser without JavaScript sees them, and the walls around them.

use serde_json::json;
use startlink::sandbox::{ADA, BEN};

use super::*;
use crate::support::raw::Raw;

pub struct Page {
    pub status: u16,
    pub location: String,
    pub body: String,
}

impl Bench {
    pub async fn get(&self, path: &str) -> Page {
        self.fetch(self.client.get(format!("{}{path}", self.sandbox.url()))).await
    }

    /// Posts a form as the sandbox's own page does.
    pub async fn post(&self, path: &str, form: &str) -> Page {
        let request = self.client.post(format!("{}{path}", self.sandbox.url()));
        let request = request.content_type("application/x-www-form-urlencoded").body(form);
        self.fetch(request.header("sec-fetch-site", "same-origin").header("origin", self.sandbox.url())).await
    }

    pub async fn fetch(&self, request: surf::RequestBuilder) -> Page {
        let mut response = request.await.unwrap();
        let location = response.header("location").map(|value| value.as_str().to_owned()).unwrap_or_default();
        let body = response.body_string().await.unwrap();
        Page { status: response.status().into(), location, body }
    }
}

#[test]
fn every_page_has_strict_headers_and_the_bot_api_has_none_of_them() {
    run(|bench| async move {
        let address: SocketAddr = bench.sandbox.url().trim_start_matches("http://").parse().unwrap();
        let ask = |path: &str| {
            let mut client = Raw::connect(address);
            client.send(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")).answer()
        };
        for path in
            ["/", "/phone/7100000001", "/phone/1", "/faults", "/photo/1", "/nothing", "/control/state", "/sandbox.css"]
        {
            let answer = ask(path);
            let policy = answer.header("content-security-policy").unwrap_or_default();
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{path}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
            assert!(!answer.body.contains(" style=") && !answer.body.contains("<script>"), "{path}");
        }
        let answer = ask(bench.method_url("getMe").trim_start_matches(&bench.sandbox.url()));
        assert_eq!((answer.status, answer.header("content-security-policy")), (200, None));
    });
}

#[test]
fn a_deep_link_leads_over_the_choice_of_a_phone_to_start() {
    run(|bench| async move {
        let choice = bench.get(&format!("/{}?start=abc-1", bench.sandbox.bot().username)).await;
        assert!(choice.body.contains(&format!("href=\"/phone/{ADA}?start=abc-1\"")));
        let phone = bench.get(&format!("/phone/{ADA}?start=abc-1")).await;
        assert!(phone.body.contains("name=\"start\" value=\"abc-1\"") && phone.body.contains("START"));
        assert_eq!(bench.sandbox.waiting_updates().len(), 0, "opening a link sends nothing");
        let pressed = bench.post(&format!("/phone/{ADA}/start"), "start=abc-1").await;
        assert_eq!((pressed.status, pressed.location), (303, format!("/phone/{ADA}")));
        assert_eq!(bench.updates().await[0]["message"]["text"], json!("/start abc-1"));
        let phone = bench.get(&format!("/phone/{ADA}")).await;
        assert!(phone.body.contains("data-testid=\"text\"") && !phone.body.contains("abc-1"), "the payload is hidden");
        let again = bench.get(&format!("/phone/{ADA}?start=next")).await;
        assert!(
            again.body.contains("data-testid=\"start-button\""),
            "START stands there for those who started before too"
        );
    });
}

#[test]
fn a_pasted_link_is_read_like_a_scanned_one() {
    run(|bench| async move {
        let bot = bench.sandbox.bot().username;
        let open = async |link: &str| {
            let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("link", link).finish();
            bench.get(&format!("/phone/{ADA}/link?{query}")).await
        };
        assert_eq!(open(&format!("https://t.me/{bot}?start=x1")).await.location, format!("/phone/{ADA}?start=x1"));
        assert_eq!(open("/start x2").await.location, format!("/phone/{ADA}?start=x2"));
        let wrong = open("hello <there>").await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("not a link to this bot") && wrong.body.contains("hello &lt;there&gt;"));
    });
}

#[test]
fn people_write_press_block_and_unblock_without_script() {
    run(|bench| async move {
        let path = |act: &str| format!("/phone/{ADA}/{act}");
        bench.post(&path("start"), "start=").await;
        bench.post(&path("send"), "text=Is+%3Cb%3E+bold%3F").await;
        let button = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
        let ask = json!({ "chat_id": ADA, "text": "<b>Sure?</b>", "parse_mode": "HTML", "reply_markup": button });
        bench.result("sendMessage", ask).await;
        let phone = bench.get(&format!("/phone/{ADA}")).await.body;
        assert!(phone.contains("Is &lt;b&gt; bold?") && phone.contains("<strong>Sure?</strong>"));
        assert_eq!(bench.post(&path("press"), "message=3&place=0").await.status, 303);
        let query = bench.updates().await.pop().unwrap()["callback_query"]["id"].clone();
        bench.result("answerCallbackQuery", json!({ "callback_query_id": query, "text": "Noted" })).await;
        assert!(bench.get(&format!("/phone/{ADA}")).await.body.contains("Noted"));
        bench.post(&path("block"), "").await;
        let refused = bench.post(&path("send"), "text=kept").await;
        assert_eq!(refused.status, 422);
        assert!(bench.get(&format!("/phone/{ADA}")).await.body.contains("UNBLOCK"));
        bench.post(&path("unblock"), "").await;
        assert_eq!(bench.updates().await.len(), 2);
        assert_eq!(bench.post(&path("dance"), "").await.status, 404);
        assert_eq!(bench.get("/phone/1").await.status, 404);
    });
}

#[test]
fn the_phone_reports_a_change_at_once() {
    run(|bench| async move {
        let ben = bench.sandbox.phone(BEN);
        ben.press_start("").unwrap();
        let path = format!("/phone/{BEN}/live?seen={}", ben.revision());
        let asking = bench.get(&path);
        let acting = async {
            ben.send("hello from Ben").unwrap();
            std::future::pending().await
        };
        let answer = startlink::runtime::timeout(SOON, startlink::runtime::race(asking, acting)).await.unwrap();
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("hello from Ben"));
    });
}

#[test]
fn other_sites_may_link_here_but_not_act_here() {
    run(|bench| async move {
        bench.sandbox.phone(ADA).press_start("").unwrap();
        let url = format!("{}/phone/{ADA}/block", bench.sandbox.url());
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "http://evil.example"),
            ("x-nothing", ""),
        ] {
            let request = bench.client.post(&url).header(name, value);
            assert_eq!(bench.fetch(request).await.status, 403, "{name}: {value}");
        }
        let control = format!("{}/control/phones/{ADA}/block", bench.sandbox.url());
        let request = bench.client.post(control).header("origin", "http://evil.example");
        assert_eq!(bench.fetch(request).await.status, 403);
        let linked =
            bench.client.get(format!("{}/phone/{ADA}", bench.sandbox.url())).header("sec-fetch-site", "cross-site");
        assert_eq!(bench.fetch(linked).await.status, 200);
        let renamed = bench.client.get(bench.sandbox.url()).header("host", "evil.example");
        assert_eq!(bench.fetch(renamed).await.status, 421);
        assert_eq!(bench.updates().await.len(), 1, "nobody blocked the bot");
    });
}

#[test]
fn the_authenticator_shows_codes_for_what_was_pasted() {
    run(|bench| async move {
        let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let prefilled =
            bench.get(&format!("/authenticator?add=otpauth%3A%2F%2Ftotp%2FPost%3Aada%3Fsecret%3D{key}")).await;
        assert!(prefilled.body.contains(&format!("otpauth://totp/Post:ada?secret={key}")));
        assert!(prefilled.body.contains("data-testid=\"no-codes\""), "looking adds nothing");
        let wrong = bench.post("/authenticator/add", "secret=hello!").await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("neither an otpauth:// address nor a base32 key") && wrong.body.contains("hello!"));
        assert_eq!(bench.post("/authenticator/add", &format!("secret={key}")).await.status, 303);
        let totp = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(key).unwrap()).build().unwrap();
        let code = totp.generate(1_790_000_000).to_string();
        assert!(bench.get("/authenticator").await.body.contains(&format!("data-code=\"{code}\"")));
        bench.post("/authenticator/remove", "number=1").await;
        assert!(bench.get("/authenticator/live").await.body.contains("data-testid=\"no-codes\""));
    });
}

#[test]
fn a_switch_on_the_panel_is_a_fault_and_the_journal_tells() {
    run(|bench| async move {
        bench.sandbox.phone(ADA).press_start("").unwrap();
        bench.post("/faults/switch", "name=slow-down").await;
        let (status, _) = bench.call("sendMessage", json!({ "chat_id": ADA, "text": "x" })).await;
        assert_eq!(status, 429);
        let panel = bench.get("/faults").await.body;
        assert!(panel.contains("send*: 429, wait 30 s (until cleared)"));
        bench.post("/faults/switch", "name=slow-down").await;
        assert_eq!(bench.sandbox.faults().len(), 0);
        bench.result("sendMessage", json!({ "chat_id": ADA, "text": "x", "colour": 1 })).await;
        let journal = bench.get("/journal").await.body;
        assert!(journal.contains("fault: answered 429") && journal.contains("unknown parameter &quot;colour&quot;"));
    });
}
