//! The web's foundation: the guard, the headers, the routes.

use tide::http::Method;

use crate::support::app::TestApp;

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
