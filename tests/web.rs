//! The web's foundation: the guard, the headers, the routes.

use startlink::actions::security;
use startlink::model::admin::{AdminName, Role};
use startlink::model::session::Stage;
use startlink::runtime::{Stop, block_on, spawn};
use startlink::web::Access;
use startlink::wire::{Listener, ServerLimits};
use tide::http::Method;

use crate::support::app::{PASSWORD, Setting, TestApp};
use crate::support::browser::{Browser, Reply};
use crate::support::raw::Raw;

#[test]
fn an_instance_that_is_not_set_up_leads_every_page_to_the_set_up() {
    let app = TestApp::new();
    let mut browser = app.local_browser();
    for path in ["/", "/admin", "/admin/security", "/sign-in", "/nothing/here"] {
        let reply = browser.get(path);
        assert_eq!((reply.status, reply.location()), (303, "/setup"), "{path}");
    }
    let reply = browser.get("/setup");
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("startlink setup-link"));
    assert_eq!(browser.get("/healthz").status, 200);
    assert_eq!(browser.get("/readyz").status, 200);
    let style = reply.between("rel=\"stylesheet\" href=\"", "\"").unwrap();
    assert_eq!(browser.get(&style).status, 200);
    let json = browser.send(Method::Get, "/admin", None, &[("accept", "application/json")]);
    assert_eq!(json.status, 503);
}

#[test]
fn every_answer_has_the_strict_headers_errors_too() {
    let app = TestApp::set_up();
    let mut browser = app.browser();
    let mut replies = vec![browser.get("/healthz"), browser.get("/nothing"), browser.get("/admin/security")];
    replies.push(browser.send(Method::Delete, "/healthz", None, &[("sec-fetch-site", "same-origin")]));
    replies.push(browser.send(Method::Post, "/healthz", None, &[]));
    replies.push(app.browser().with_header("host", "evil.example").get("/admin/security"));
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [200, 404, 303, 405, 403, 421]);
    for reply in &replies {
        let header = |name: &str| reply.header(name).unwrap_or_else(|| panic!("{name} on {}", reply.status));
        assert_eq!(
            header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(header("permissions-policy").contains("camera=()"));
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(reply.header("server"), None);
    }
    assert!(replies[0].header("strict-transport-security").is_some());
    assert_eq!(replies[3].header("allow"), Some("GET, HEAD"));
}

#[test]
fn a_form_from_elsewhere_is_refused_before_anyone_asks_who_sent_it() {
    let app = TestApp::set_up();
    let send = |headers: &[(&str, &str)]| {
        app.browser().send(Method::Post, "/admin/security", Some(String::new()), headers).status
    };
    assert_eq!(send(&[]), 403);
    assert_eq!(send(&[("sec-fetch-site", "cross-site"), ("origin", "https://links.example.org")]), 403);
    assert_eq!(send(&[("origin", "https://evil.example")]), 403);
    assert_eq!(send(&[("origin", "null")]), 403);
    // 405: it passed, and nothing takes forms there.
    assert_eq!(send(&[("origin", "https://links.example.org")]), 405);
    assert_eq!(send(&[("sec-fetch-site", "same-origin")]), 405);
}

#[test]
fn a_form_carries_the_token_of_its_own_session() {
    let app = TestApp::set_up();
    app.add_admin("bob", Role::Owner);
    let [mut ada, mut bob] = [app.browser(), app.browser()];
    ada.sign_in("ada");
    bob.sign_in("bob");
    let token = bob.get("/admin/security").between("name=\"_csrf\" value=\"", "\"").unwrap();
    ada.get("/admin/security");
    for wrong in ["", "x", token.as_str()] {
        let reply = ada.post("/admin/security/sign-out-everywhere", &[("_csrf", wrong)]);
        assert_eq!(reply.status, 403, "{wrong}");
        assert_eq!(ada.post("/sign-out", &[("_csrf", wrong)]).status, 403, "{wrong}");
    }
    assert_eq!(ada.get("/admin/security").status, 200);
    assert_eq!(ada.post("/admin/security/sign-out-everywhere", &[]).status, 303);
}

#[test]
fn a_form_of_another_type_or_size_is_refused() {
    let app = TestApp::set_up();
    let mut browser = app.browser();
    let site = ("sec-fetch-site", "same-origin");
    let send = |browser: &mut Browser, form: String, kind: &str| {
        browser.send(Method::Post, "/sign-in", Some(form), &[site, ("content-type", kind)]).status
    };
    let kind = "application/x-www-form-urlencoded";
    assert_eq!(send(&mut browser, "{}".into(), "application/json"), 415);
    assert_eq!(send(&mut browser, "name=a".into(), "multipart/form-data; boundary=x"), 415);
    assert_eq!(send(&mut browser, "a=1&".repeat(200_000), kind), 413);
    assert_eq!(send(&mut browser, "name=%FF".into(), kind), 400);
    assert_eq!(send(&mut browser, "name=a&password=b".into(), "application/x-www-form-urlencoded; charset=UTF-8"), 401);
}

#[test]
fn a_panic_in_one_request_is_a_500_with_all_headers_and_nothing_of_the_cause() {
    let app = TestApp::set_up();
    let mut server = startlink::web::server(&app.state);
    server.at("/boom").get(boom);
    let app = TestApp { server, ..app };
    let reply = app.browser().get("/boom");
    assert_eq!(reply.status, 500);
    assert!(reply.header("content-security-policy").is_some() && reply.header("strict-transport-security").is_some());
    assert!(!reply.body.contains("secret cause") && reply.body.contains("request "), "{}", reply.body);
    assert_eq!(app.browser().get("/sign-in").status, 200);
}

#[test]
fn errors_reach_programs_as_problems_and_people_as_pages() {
    let app = TestApp::set_up();
    let reply = app.browser().send(Method::Get, "/nothing", None, &[("accept", "application/json")]);
    assert_eq!((reply.status, reply.header("content-type")), (404, Some("application/problem+json")));
    let problem: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((&problem["status"], &problem["code"]), (&404.into(), &"not_found".into()));
    let reply = app.browser().get("/nothing");
    assert!(reply.header("content-type").unwrap().starts_with("text/html"));
    assert!(reply.body.contains("There is nothing at this address."));
    let reply = app.browser().get("/api/v1/nothing");
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
}

/// What a visitor from `peer` gets who asks for `host`.
fn visit(app: &TestApp, (host, peer): (&str, &str), headers: &[(&'static str, &str)]) -> Reply {
    let mut browser = Browser::new(app, host, format!("{peer}:5000").parse().unwrap());
    browser.extra = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    browser.get("/sign-in")
}

#[test]
fn only_the_base_urls_host_is_answered_but_for_loopback_from_loopback() {
    let app = TestApp::set_up();
    let status = |host: &str, peer: &str| visit(&app, (host, peer), &[]).status;
    assert_eq!(status("links.example.org", "127.0.0.1"), 200);
    assert_eq!(status("LINKS.example.org:443", "127.0.0.1"), 200);
    assert_eq!(status("localhost:8080", "127.0.0.1"), 200);
    assert_eq!(status("127.0.0.1", "127.0.0.1"), 200);
    assert_eq!(status("[::1]:8080", "[::1]"), 200);
    assert_eq!(status("evil.example", "127.0.0.1"), 421);
    assert_eq!(status("links.example.org.evil.example", "127.0.0.1"), 421);
    assert_eq!(status("links.example.org:8443", "127.0.0.1"), 421);
    assert_eq!(status("localhost", "10.0.0.9"), 421);
}

#[test]
fn without_a_base_url_any_host_may_set_up_and_none_may_do_more() {
    let app = TestApp::new();
    let status = |host: &str, path: &str| Browser::new(&app, host, "127.0.0.1:5000".parse().unwrap()).get(path).status;
    assert_eq!(status("any.example", "/setup"), 200);
    assert_eq!(status("any.example", "/sign-in"), 303);
    app.add_admin("ada", Role::Owner);
    assert_eq!(status("any.example", "/sign-in"), 421);
    assert_eq!(status("localhost:8080", "/sign-in"), 200);
}

#[test]
fn forwarded_headers_are_believed_from_trusted_proxies_only() {
    let environment = [("STARTLINK_TRUSTED_PROXIES", "10.0.0.0/8")];
    let app = TestApp::set_up_with(&Setting { environment: &environment, ..Setting::default() });
    let https = ("x-forwarded-proto", "https");
    let status =
        |peer: &str, headers: &[(&'static str, &str)]| visit(&app, ("links.example.org", peer), headers).status;
    assert_eq!(status("10.0.0.1", &[https, ("x-forwarded-for", "203.0.113.7")]), 200);
    assert_eq!(status("10.0.0.1", &[("x-forwarded-for", "203.0.113.7")]), 403, "the proxy did not say https");
    assert_eq!(status("10.0.0.1", &[("x-forwarded-proto", "https, http")]), 403);
    assert_eq!(
        status("203.0.113.9", &[https, ("x-forwarded-for", "127.0.0.1")]),
        403,
        "a stranger claims to be a proxy"
    );
    // A claim of being this machine, made through the proxy, opens no loopback door.
    let claim = [https, ("x-forwarded-for", "127.0.0.1, 203.0.113.7")];
    assert_eq!(visit(&app, ("localhost", "10.0.0.1"), &claim).status, 421);
}

#[test]
fn plain_http_from_afar_is_served_only_when_the_operator_said_so() {
    let environment = [("STARTLINK_BASE_URL", "http://10.0.0.5:8080"), ("STARTLINK_INSECURE_HTTP", "true")];
    let app = TestApp::set_up_with(&Setting { environment: &environment, ..Setting::default() });
    let reply = visit(&app, ("10.0.0.5:8080", "10.0.0.9"), &[]);
    assert_eq!((reply.status, reply.header("strict-transport-security")), (200, None));
}

/// Someone who asks, and what they are.
struct Asker<'a> {
    browser: Browser<'a>,
    stage: Option<(Stage, Role)>,
}

fn askers(app: &TestApp) -> Vec<Asker<'_>> {
    let mut askers = vec![Asker { browser: app.browser(), stage: None }];
    for role in [Role::Viewer, Role::Sender, Role::Operator, Role::Owner] {
        let name = role.word();
        app.add_admin(name, role);
        let mut browser = app.browser();
        assert_eq!(browser.sign_in(name).status, 303);
        askers.push(Asker { browser, stage: Some((Stage::Full, role)) });
    }
    for (name, stage) in [("half", Stage::Password), ("bare", Stage::Enrol)] {
        app.add_admin(name, Role::Owner);
        if stage == Stage::Enrol {
            block_on(app.store.write(|tx| security::reset_2fa(tx, &AdminName::parse("bare").unwrap()))).unwrap();
        }
        let mut browser = app.browser();
        browser.get("/sign-in");
        assert_eq!(browser.post_and_follow("/sign-in", &[("name", name), ("password", PASSWORD)]).status, 200);
        askers.push(Asker { browser, stage: Some((stage, Role::Owner)) });
    }
    askers
}

/// Whether the route's row lets this asker through.
fn may(access: Access, stage: Option<(Stage, Role)>) -> bool {
    match (access, stage) {
        (Access::Always | Access::Public | Access::Portal, _) => true,
        (Access::Setup | Access::Key(_) | Access::Member | Access::MemberHalf, _) | (_, None) => false,
        (Access::Half(needed), Some((stage, _))) => needed == stage,
        (Access::SignedIn(role) | Access::StepUp(role), Some((stage, own))) => stage == Stage::Full && own >= role,
    }
}

#[test]
fn every_route_is_closed_to_whoever_has_not_its_right() {
    let app = TestApp::set_up();
    let mut askers = askers(&app);
    for row in app.state.rows() {
        for asker in &mut askers {
            let path = row.path.replace(":name", "none.css").replace(":id", "999").replace(":code", "none");
            // Without a token no form is carried out, so that the walk changes nothing: 403 or a refusal of the form's own.
            let form = (row.method == Method::Post).then(String::new);
            let reply = asker.browser.send(row.method, &path, form, &[("sec-fetch-site", "same-origin")]);
            let turned_away = reply.status == 401
                || reply.body.contains("This needs the role")
                || matches!(
                    reply.location().split('?').next(),
                    Some("/sign-in" | "/sign-in/code" | "/sign-in/enrol" | "/me/sign-in")
                )
                || (reply.location() == "/admin" && matches!(row.access, Access::Setup | Access::Half(_)))
                || (reply.status == 409 && row.access == Access::Setup);
            let public = matches!(row.access, Access::Always | Access::Public | Access::Portal);
            let what =
                format!("{} {} for {:?}: {} {}", row.method, row.path, asker.stage, reply.status, reply.location());
            assert!(public || may(row.access, asker.stage) != turned_away, "{what}");
            assert!(reply.status != 500, "{what}");
        }
    }
}

#[test]
fn nothing_is_changed_by_reading() {
    let app = TestApp::set_up();
    let mut browser = app.browser();
    browser.sign_in("ada");
    browser.get("/admin/security");
    let before = app.store.changes().value();
    for row in app.state.rows().iter().filter(|row| row.method == Method::Get) {
        browser.get(&row.path.replace(":name", "x").replace(":id", "1").replace(":code", "x"));
    }
    assert_eq!(app.store.changes().value(), before);
}

async fn boom(_: tide::Request<startlink::web::State>) -> tide::Result {
    panic!("secret cause")
}

#[test]
fn over_the_wire_the_guard_sees_the_connection_and_not_what_the_client_claims() {
    let app = TestApp::set_up();
    let (server, stop) = (app.server.clone(), Stop::new());
    let listener = block_on(Listener::bind("127.0.0.1:0".parse().unwrap())).unwrap();
    let address = listener.local_addr();
    let serving = spawn(listener.serve(server, ServerLimits::default(), stop.clone()));
    let ask = |head: &str| Raw::connect(address).send(format!("{head}\r\nconnection: close\r\n\r\n")).answer();
    let reply = ask("GET /sign-in HTTP/1.1\r\nHost: localhost");
    assert_eq!(reply.status, 200);
    // A proxy on this machine that nobody named: its people do not sit here, whatever Host it makes up.
    for claim in ["Forwarded: for=203.0.113.7", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: evil.example"] {
        assert_eq!(ask(&format!("GET /sign-in HTTP/1.1\r\nHost: localhost\r\n{claim}")).status, 421, "{claim}");
    }
    assert!(reply.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert_eq!(reply.header("server"), None);
    assert_eq!(ask("GET /sign-in HTTP/1.1\r\nHost: evil.example").status, 421);
    assert_eq!(ask("GET http://evil.example/sign-in HTTP/1.1\r\nHost: localhost").status, 421);
    assert_eq!(ask("GET /sign-in HTTP/1.0\r\nHost: localhost").status, 200);
    let post = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded";
    assert_eq!(ask(&format!("{post}\r\nContent-Length: 0")).status, 403);
    let own = format!("{post}\r\nOrigin: http://localhost");
    assert_eq!(ask(&format!("{own}\r\nContent-Length: 0")).status, 401);
    let mut slow = Raw::connect(address);
    let form = format!("name={}", "a".repeat(200_000));
    slow.send(format!("{own}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{form}\r\n0\r\n\r\n", form.len()));
    assert_eq!(slow.answer().status, 413);
    stop.raise();
    block_on(serving);
}
