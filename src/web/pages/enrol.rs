//! A second factor is enrolled: the QR code, the key, the link, and the recovery codes after it. Used where an admin has none, where
//! one is replaced, and in the set-up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use maud::{Markup, html};
use tide::http::Method;

use super::super::routes::page_or;
use super::super::{Call, Form, Problem, Response, Row, Wrongs, answer};
use super::signin::{framed, from, give, other_person};
use crate::actions::Refusal;
use crate::actions::proof::CODE_FIELD;
use crate::actions::security::{self, Offer};
use crate::actions::session::Signed;
use crate::actions::totp::{Shared, Shown};
use crate::actions::who::Who;
use crate::model::session::Stage;
use crate::secret::Secret;
use crate::store::Read as _;
use crate::view::Href;
use crate::view::field::Field;
use crate::view::form::{self, Weight};
use crate::view::layout::stack;
use crate::view::qr;
use crate::view::reveal::{Copy, copy, recovery_codes};
use crate::view::shell::{Plain, Step, plain};

/// The form's field that brings the offered secret back, sealed.
const OFFER_FIELD: &str = "offer";

/// The routes of enrolling at a sign-in.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::half(Method::Get, "/sign-in/enrol", Stage::Enrol, ask),
        Row::half(Method::Post, "/sign-in/enrol", Stage::Enrol, take),
    ]
}

/// `GET /sign-in/enrol`
pub async fn ask(call: Call, half: Signed) -> Result<Response, Problem> {
    let offer = new_offer(&call, &half)?;
    Ok(page(&call, &half, &offer, (&call.query("to"), &Wrongs::none())))
}

/// `POST /sign-in/enrol`
pub async fn take(mut call: Call, half: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let offer = match offer_of(&call, &half, &form)? {
        Ok(offer) => offer,
        Err(refusal) => {
            return Ok(page(&call, &half, &new_offer(&call, &half)?, (form.get("to"), &refusal.into())));
        }
    };
    let (code, from, origin) = (form.trimmed(CODE_FIELD).to_owned(), from(&call), call.origin());
    let (session, offered) = (half.clone(), offer.clone());
    let change =
        call.state().store().write(move |tx| security::enrol(tx, &session, &offered, &code, (&from, &origin))).await;
    match change {
        Ok((begun, codes)) => {
            let next = page_or(call.state(), form.get("to"), "/admin");
            let mut response = codes_page((&call.visitor().site(), half.person.name.as_str()), &codes, (None, &next));
            give(&call, &call.visitor().origin, &mut response, &begun);
            Ok(response)
        }
        Err(error) => Ok(page(&call, &half, &offer, (form.get("to"), &Wrongs::try_from(error)?))),
    }
}

fn page(call: &Call, half: &Signed, offer: &Offer, (to, wrongs): (&str, &Wrongs)) -> Response {
    let fields = html! {
        (form::hidden("to", to))
        (offer_field(offer))
        (code_field(wrongs))
        (form::actions(form::submit(Weight::Primary, "Confirm and sign in")))
    };
    let body = html! {
        p.lead { "Signing in takes a second factor. Add this key to the authenticator on your phone, and prove it with a code." }
        (form::summary(&wrongs.summary()))
        (key(call, &offer.shared, (&call.visitor().site(), half.person.name.as_str())))
        (form::post("/sign-in/enrol", Some(&half.session.csrf), fields))
    };
    framed(wrongs, Plain { title: "Your second factor", step: None, flash: None, body, foot: other_person(half) })
}

/// A new secret, bound to the session that is shown it.
pub(in crate::web) fn new_offer<W: Who>(call: &Call, signed: &Signed<W>) -> Result<Offer, Problem> {
    let snapshot = call.state().store().snapshot()?;
    Ok(Offer::new(call.state().rng(), snapshot.sealer(), signed.session.id))
}

/// The secret that a form brought back.
pub(in crate::web) fn offer_of<W: Who>(
    call: &Call,
    signed: &Signed<W>,
    form: &Form,
) -> Result<Result<Offer, Refusal>, Problem> {
    let snapshot = call.state().store().snapshot()?;
    let sealed = URL_SAFE_NO_PAD.decode(form.get(OFFER_FIELD)).unwrap_or_default();
    Ok(Offer::open(snapshot.sealer(), signed.session.id, sealed))
}

/// The hidden field with the offered secret.
pub(in crate::web) fn offer_field(offer: &Offer) -> Markup {
    form::hidden(OFFER_FIELD, &URL_SAFE_NO_PAD.encode(&offer.sealed))
}

/// The field for the confirming code.
pub(in crate::web) fn code_field(wrongs: &Wrongs) -> Markup {
    html! {
        (Field::code(CODE_FIELD, "Code that your authenticator shows now").error(wrongs.of(CODE_FIELD)).max(16).required())
    }
}

/// The ways to bring a key into an authenticator: QR code, typing, a link on the same device, and the sandbox's own phone.
pub(in crate::web) fn key(call: &Call, shared: &Shared, (site, name): (&str, &str)) -> Markup {
    let Shown { key, url } = shared.show(site, name);
    let phone = call.state().phone().map(|phone| Href::from(format!("{phone}/authenticator")).with("add", &url));
    stack(html! {
        div.stamp { (qr::svg(&url, "QR code with the key for your authenticator")) }
        @if let Some(phone) = phone {
            p { a.button.quiet href=(phone) target="_blank" rel="noopener" { "Add it to the sandbox phone's authenticator" } }
        }
        (copy(Copy { id: "totp-key", label: "Or type this key", value: &key }))
        (copy(Copy { id: "totp-url", label: "Or copy this link into a password manager", value: &url }))
    })
}

/// The recovery codes, once; `next` is where the button leads.
pub(super) fn codes_page((site, name): (&str, &str), codes: &[Secret], (step, next): (Option<Step>, &str)) -> Response {
    let texts: Vec<&str> = codes.iter().map(Secret::expose).collect();
    let body = stack(html! {
        p.lead { "If your authenticator is ever lost, these codes let you in. They are shown only now." }
        (recovery_codes(&texts, site, name))
        (form::actions(form::link_button(Weight::Primary, next, "I have kept them, go on")))
    });
    answer::page(plain(&Plain { title: "Recovery codes", step, flash: None, body, foot: html! {} }))
}
