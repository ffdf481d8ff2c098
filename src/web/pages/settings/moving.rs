//! `/admin/settings/import`: what a bot of before knew is brought in, and everything is taken out. The lists are looked at first;
//! only owners who proved who they are do either.

use std::sync::Arc;

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::pending::PATIENCE;
use super::super::super::{Call, Problem, Response, Row, api};
use super::super::{Content, done, show};
use super::{Tabbed, tab_row};
use crate::actions::moving::{self, export};
use crate::actions::session::Signed;
use crate::model::admin::Role;
use crate::model::moving::{Fate, Report, Sheet, Tally, Told};
use crate::runtime;
use crate::store::StoreError;
use crate::view::badge::{Badge, Tone};
use crate::view::field::Field;
use crate::view::form::{self, Weight};
use crate::view::layout::{panel, panel_flush};
use crate::view::list::{Kind, Table, table};
use crate::view::notice::{self, Flash};
use crate::view::shell::Nav;
use crate::view::{Icon, number, time};

pub(super) const PATH: &str = "/admin/settings/import";
const APPLY: &str = "/admin/settings/import/apply";
const EXPORT: &str = "/admin/settings/export";
/// The field with the name of lists that wait.
const WAITING: &str = "lists";
/// Lines that are shown.
const SHOWN: usize = 200;
const TITLE: &str = "Move in and out";

/// The routes of this page.
pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::step_up(Method::Get, PATH, Role::Owner, page),
        Row::step_up(Method::Post, PATH, Role::Owner, look),
        Row::step_up(Method::Post, APPLY, Role::Owner, apply),
        Row::step_up(Method::Post, EXPORT, Role::Owner, take),
    ]
}

/// `GET /admin/settings/import`
async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(forms(&call, &signed, None))
}

fn forms(call: &Call, signed: &Signed, wrong: Option<&str>) -> Response {
    let csrf = Some(signed.session.csrf.as_str());
    let file = |sheet: Sheet, label, hint| Field::list(sheet.word(), label).hint(hint).telling();
    let fields = html! {
        @if let Some(wrong) = wrong { (form::summary(&[("accounts", wrong)])) }
        p { "Lists as CSV, each with a first line that names its columns; one list is enough. You see what would happen before anything is changed, and nobody is messaged." }
        (file(Sheet::Accounts, "Accounts", "Columns: username, name, tags. Without a column of their own, name and tags stay as they are; tags stand in one field, with spaces between them.").error(wrong))
        (file(Sheet::Codes, "Codes that are printed or mailed out already", "Columns: code, username, expires_at. Without the last one, a code can be claimed for a year."))
        (file(Sheet::Chats, "Chats that your bot knows already", "Columns: chat_id, username. Private chats of this bot, because no other may write to them."))
    };
    let bring = html! {
        div.fields { (fields) }
        (form::actions(form::submit(Weight::Primary, "Look at what would happen")))
    };
    let out = html! {
        p { "Everything in one file of JSON lines, message texts in clear, secrets left out. Keep it as safe as the data file." }
        (form::actions(form::submit(Weight::Quiet, "Download everything")))
    };
    let body = html! {
        (tab_row(Tabbed::Moving))
        (panel("Move in", form::with_files(PATH, csrf, bring)))
        (panel("Move out", form::post(EXPORT, csrf, out)))
    };
    let status = if wrong.is_some() { 422 } else { 200 };
    show(call, signed, Content::new(TITLE, Nav::Settings, body).with_status(status))
}

/// `POST /admin/settings/import`
async fn look(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let texts = call.lists().await?.lists;
    if texts.is_empty() {
        return Ok(forms(&call, &signed, Some("Choose at least one list.")));
    }
    let store = call.state().store().clone();
    let looked = runtime::blocking(move || {
        let lists = Arc::new(moving::Lists::read(&texts));
        let report = store.read(|read| moving::look(read, &lists))?;
        Ok::<_, StoreError>((lists, report))
    });
    let (lists, report) = looked.await?;
    let waiting = (report.wrong() == 0 && report.changes()).then(|| {
        let state = call.state();
        state.pending().keep(state.rng(), (signed.session.whose, state.clock().now()), lists)
    });
    Ok(report_page(&call, &signed, &report, waiting.as_deref()))
}

/// `POST /admin/settings/import/apply`
async fn apply(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let state = call.state();
    let Some(lists) = state.pending().take(form.get(WAITING), (signed.session.whose, state.clock().now())) else {
        let text = "These lists do not wait any more: they were carried out, or waited for too long. Choose them again; what is there already stays as it is.";
        return Ok(done(&call, PATH, &Flash::failed(text)));
    };
    let caller = signed.caller();
    let report = state.store().write(move |tx| moving::bring_in(tx, &caller, &lists)).await?;
    if !report.applied {
        return Ok(report_page(&call, &signed, &report, None));
    }
    let lines = |tally: &Tally| tally.count(Fate::New) + tally.count(Fate::Changed);
    let count: u64 = report.tallies.iter().map(lines).sum();
    Ok(done(&call, PATH, &Flash::good(format!("{} are carried out.", counted(count)))))
}

fn counted(lines: u64) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{} lines", number(lines)) }
}

fn report_page(call: &Call, signed: &Signed, report: &Report, waiting: Option<&str>) -> Response {
    let csrf = signed.session.csrf.as_str();
    let (wrong, lines) = (report.wrong(), report.tallies.iter().map(Tally::lines).sum());
    let body = html! {
        (verdict(report, wrong))
        (tallies(report))
        (told(report))
        @if let Some(waiting) = waiting {
            (form::post(APPLY, Some(csrf), html! {
                (form::hidden(WAITING, waiting))
                (form::actions(html! {
                    (form::submit(Weight::Primary, &format!("Import {}", counted(lines))))
                    (form::link_button(Weight::Quiet, PATH, "Cancel"))
                }))
            }))
        } @else {
            (form::actions(form::link_button(Weight::Primary, PATH, "Choose other lists")))
        }
    };
    let status = if wrong > 0 { 422 } else { 200 };
    let content = Content::new("What would happen", Nav::Settings, body).below(PATH, TITLE).with_status(status);
    show(call, signed, content)
}

fn verdict(report: &Report, wrong: u64) -> Markup {
    if wrong > 0 {
        let what = if wrong == 1 { "1 line is wrong".to_owned() } else { format!("{} lines are wrong", number(wrong)) };
        notice::notice(
            Tone::Failed,
            &format!("{what}, so nothing was changed. Correct them and choose the lists again."),
        )
    } else if report.changes() {
        let wait = time::span(PATIENCE);
        notice::notice(
            Tone::Waiting,
            &format!("Nothing is changed yet: below is what would happen. The lists wait here for {wait}."),
        )
    } else {
        notice::notice(Tone::Good, "All of it is there already, or stays as it is: there is nothing to do.")
    }
}

fn tallies(report: &Report) -> Markup {
    let mut columns = vec![("List", Kind::Text), ("Lines", Kind::Number)];
    columns.extend(Fate::ALL.map(|fate| (heading(fate), Kind::Number)));
    columns.push(("Warnings", Kind::Number));
    let row = |tally: &Tally| {
        let mut cells = vec![html! { (name(tally.sheet)) }, html! { (number(tally.lines())) }];
        cells.extend(Fate::ALL.map(|fate| figure(tally.count(fate))));
        cells.push(figure(tally.warnings));
        cells
    };
    html! {
        (panel_flush("Lists", html! {}, html! {
            (table(&Table { caption: "Lists", columns: &columns, rows: report.tallies.iter().map(row).collect() }))
            @if report.made > 0 { p.panel-body.hint { (made(report.made)) } }
        }))
    }
}

/// None is left blank, so that the others stand out.
fn figure(count: u64) -> Markup {
    html! { @if count > 0 { (number(count)) } }
}

fn made(accounts: u64) -> String {
    if accounts == 1 {
        "1 account is made because a code or a chat names it.".to_owned()
    } else {
        format!("{} accounts are made because codes or chats name them.", number(accounts))
    }
}

fn name(sheet: Sheet) -> &'static str {
    match sheet {
        Sheet::Accounts => "Accounts",
        Sheet::Codes => "Codes",
        Sheet::Chats => "Chats",
    }
}

fn heading(fate: Fate) -> &'static str {
    match fate {
        Fate::New => "New",
        Fate::Changed => "Changed",
        Fate::Unchanged => "Unchanged",
        Fate::Wrong => "Wrong",
    }
}

/// The lines with something to tell, wrong ones first.
fn told(report: &Report) -> Markup {
    let (wrong, warned): (Vec<&Told>, Vec<&Told>) =
        report.told.iter().filter(|told| told.text.is_some()).partition(|told| told.fate == Fate::Wrong);
    let all = wrong.len() + warned.len();
    let columns =
        [("Line", Kind::Text), ("Account", Kind::Text), ("Outcome", Kind::Text), ("What to know", Kind::Text)];
    let row = |told: &&Told| {
        vec![
            html! { span.whole { (name(told.sheet)) ", line " (number(told.line)) } },
            html! { @if !told.username.is_empty() { span dir="auto" { (told.username) } } },
            html! { (outcome(told.fate)) },
            html! { (told.text.as_deref().unwrap_or_default()) },
        ]
    };
    let title = match (wrong.is_empty(), warned.is_empty()) {
        (true, _) => "Warnings",
        (false, true) => "Mistakes",
        (false, false) => "Mistakes and warnings",
    };
    let rows: Vec<Vec<Markup>> = wrong.iter().chain(&warned).take(SHOWN).map(row).collect();
    let more = u64::try_from(all.saturating_sub(SHOWN)).unwrap_or(u64::MAX);
    html! {
        @if all > 0 {
            (panel_flush(title, html! {}, html! {
                (table(&Table { caption: title, columns: &columns, rows }))
                @if more > 0 { p.panel-body.hint { "And " (number(more)) " more." } }
            }))
        }
    }
}

/// What becomes of a line that has something to tell.
fn outcome(fate: Fate) -> Badge {
    let (tone, icon) = match fate {
        Fate::Wrong => (Tone::Failed, Icon::Cross),
        Fate::New | Fate::Changed | Fate::Unchanged => (Tone::Doubtful, Icon::Warning),
    };
    Badge { tone, icon, word: fate.word() }
}

/// `POST /admin/settings/export`
async fn take(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let seat = api::moving::seat(&call)?;
    let caller = signed.caller();
    call.state().store().write(move |tx| export::begin(tx, &caller)).await?;
    Ok(api::moving::file(call.state().store(), seat))
}
