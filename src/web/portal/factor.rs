//! The second factor that people in the portal may choose to have: added with a QR code, removed again with a code.

use maud::html;
use tide::http::Method;

use super::super::pages::enrol::{code_field, key, new_offer, offer_field, offer_of};
use super::super::pages::signin::proof;
use super::super::{Call, Problem, Response, Row, Wrongs, answer};
use super::security::{SECURITY, below};
use super::{CURRENT, Signed, card, changed, confirm, current_field, from, renew, show, unconfirmed};
use crate::actions::proof::{CODE_FIELD, RECOVERY_FIELD};
use crate::actions::security::{Offer, add_factor, remove_factor};
use crate::actions::signin::note_failure;
use crate::secret::Secret;
use crate::view::field::Field;
use crate::view::form::{self, Weight};
use crate::view::layout;
use crate::view::reveal::recovery_codes;

pub(super) const FACTOR: &str = "/me/security/second-factor";
pub(super) const REMOVE: &str = "/me/security/second-factor/remove";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::member(Method::Get, FACTOR, ask),
        Row::member(Method::Post, FACTOR, add),
        Row::member(Method::Get, REMOVE, ask_removal),
        Row::member(Method::Post, REMOVE, remove),
    ]
}

fn has_factor(signed: &Signed) -> bool {
    signed.person.member.credentials.totp_sealed.is_some()
}

/// `GET /me/security/second-factor`
async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    if has_factor(&signed) {
        return Ok(answer::see_other(SECURITY));
    }
    let offer = new_offer(&call, &signed)?;
    Ok(page(&call, &signed, &offer, &Wrongs::none()))
}

/// `POST /me/security/second-factor`
async fn add(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let offer = match offer_of(&call, &signed, &form)? {
        Ok(offer) => offer,
        Err(refusal) => return Ok(page(&call, &signed, &new_offer(&call, &signed)?, &refusal.into())),
    };
    if let Err(error) = confirm(&call, &signed, form.secret(CURRENT)).await {
        return Ok(page(&call, &signed, &offer, &unconfirmed(error)?));
    }
    let (code, session, offered) = (form.trimmed(CODE_FIELD).to_owned(), signed.clone(), offer.clone());
    match call.state().store().write(move |tx| add_factor(tx, &session, &offered, &code)).await {
        Ok((renewed, codes)) => {
            let mut response = codes_page(&call, &signed, &codes);
            renew(&call, &mut response, &renewed);
            Ok(response)
        }
        Err(error) => Ok(page(&call, &signed, &offer, &Wrongs::try_from(error)?)),
    }
}

fn page(call: &Call, signed: &Signed, offer: &Offer, wrongs: &Wrongs) -> Response {
    let fields = html! {
        (offer_field(offer))
        (code_field(wrongs))
        (current_field(wrongs))
        (form::actions(form::submit(Weight::Primary, "Add second factor")))
    };
    let body = layout::frame(layout::stack(html! {
        (form::summary(&wrongs.summary()))
        p { "Scan this with an authenticator app on your phone. Then prove with a code that it works." }
        (key(call, &offer.shared, (&call.visitor().site(), signed.person.username.as_str())))
        (form::post(FACTOR, Some(&signed.session.csrf), fields))
    }));
    show(call, signed, below("Add a second factor", body), wrongs)
}

/// The recovery codes, once.
fn codes_page(call: &Call, signed: &Signed, codes: &[Secret]) -> Response {
    let texts: Vec<&str> = codes.iter().map(Secret::expose).collect();
    let body = html! {
        p.lead { "Your second factor is added. If your authenticator is ever lost, these codes let you in. They are shown only now." }
        (recovery_codes(&texts, &call.visitor().site(), signed.person.username.as_str()))
        (form::actions(form::link_button(Weight::Primary, SECURITY, "I have kept them, go on")))
    };
    card(call, ("Recovery codes", &Wrongs::none()), (body, html! {}))
}

/// `GET /me/security/second-factor/remove`
async fn ask_removal(call: Call, signed: Signed) -> Result<Response, Problem> {
    if !has_factor(&signed) {
        return Ok(answer::see_other(SECURITY));
    }
    Ok(removal_page(&call, &signed, &Wrongs::none()))
}

/// `POST /me/security/second-factor/remove`
async fn remove(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    if let Err(error) = confirm(&call, &signed, form.secret(CURRENT)).await {
        return Ok(removal_page(&call, &signed, &unconfirmed(error)?));
    }
    let (proof, from, session) = (proof(&form), from(&call), signed.clone());
    match call.state().store().write(move |tx| remove_factor(tx, &session, &proof, &from)).await? {
        Ok(renewed) => {
            let text = "Your second factor is removed: the password alone opens the door again. All other sessions have ended.";
            Ok(changed(&call, &renewed, (SECURITY, text)))
        }
        Err(refusal) => {
            note_failure(&call.origin());
            Ok(removal_page(&call, &signed, &refusal.into()))
        }
    }
}

fn removal_page(call: &Call, signed: &Signed, wrongs: &Wrongs) -> Response {
    let fields = html! {
        (form::summary(&wrongs.summary()))
        (current_field(wrongs).autofocus())
        (Field::code(CODE_FIELD, "Code from your authenticator").error(wrongs.of(CODE_FIELD)).max(16).telling())
        (Field::text(RECOVERY_FIELD, "Or a recovery code").error(wrongs.of(RECOVERY_FIELD)).max(80).telling()
            .hint("In place of the code, when the authenticator is lost."))
        (form::actions(html! {
            (form::submit(Weight::Danger, "Remove second factor"))
            (form::link_button(Weight::Quiet, SECURITY, "Keep it"))
        }))
    };
    let body = layout::frame(layout::stack(html! {
        p { "Signing in takes the password alone then, and the recovery codes are void." }
        (form::post(REMOVE, Some(&signed.session.csrf), fields))
    }));
    show(call, signed, below("Remove the second factor", body), wrongs)
}
