//! A broadcast as it was typed: from the form, from the row, and back into content and audience.

use super::super::super::{Form, Problem, Wrongs};
use crate::actions::broadcasts::audience;
use crate::ids::{DocumentId, PhotoId};
use crate::model::account::Tag;
use crate::model::broadcast::Audience;
use crate::model::message::{BUTTONS_MAX, Body, Button, ButtonAction, Format};
use crate::store::{Read, StoreError, accounts};
use crate::view::audience::{ALL, ANY, FIELD, Kind, NONE, PICKED};
use crate::view::buttons::{self, WITHIN_FIELD, beside_field, kind_field, label_field, target_field};
use crate::view::chat::FORMAT_FIELD;

/// The hidden field of the photo that is there already.
pub(super) const PHOTO: &str = "photo_id";
/// The hidden field of the document that is there already.
pub(super) const DOCUMENT: &str = "document_id";

/// What stands in the form.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    pub(super) text: String,
    pub(super) format: Format,
    pub(super) photo: Option<PhotoId>,
    pub(super) document: Option<DocumentId>,
    pub(super) buttons: Vec<buttons::Typed>,
    /// How long answers count, in seconds.
    pub(super) within: Option<u32>,
    pub(super) silent: bool,
    pub(super) protect: bool,
    pub(super) whom: Whom,
}

/// For whom, as it was typed.
#[derive(Clone, Debug)]
pub(super) enum Whom {
    /// Chosen in the form.
    Chosen { kind: Kind, all: String, any: String, none: String, picked: String },
    /// Those of another broadcast; it was decided when the draft was made.
    Fixed(Audience),
}

impl Default for Whom {
    fn default() -> Self {
        let empty = String::new;
        Self::Chosen { kind: Kind::Everyone, all: empty(), any: empty(), none: empty(), picked: empty() }
    }
}

impl Typed {
    /// From a form; `fixed` is the audience that it cannot change.
    pub(super) fn of(form: &Form, fixed: Option<&Audience>) -> Self {
        let chosen = || Whom::Chosen {
            kind: Kind::parse(form.get(FIELD)).unwrap_or_default(),
            all: form.get(ALL).to_owned(),
            any: form.get(ANY).to_owned(),
            none: form.get(NONE).to_owned(),
            picked: form.get(PICKED).to_owned(),
        };
        Self {
            text: form.get("text").to_owned(),
            format: if form.get(FORMAT_FIELD) == "html" { Format::Html } else { Format::Plain },
            photo: form.get(PHOTO).parse().ok().filter(|_| !form.is_ticked("remove_photo")),
            document: form.get(DOCUMENT).parse().ok().filter(|_| !form.is_ticked("remove_document")),
            buttons: buttons_of(form),
            within: within_of(form.get(WITHIN_FIELD)),
            silent: form.is_ticked("silent"),
            protect: form.is_ticked("protect"),
            whom: fixed.cloned().map_or_else(chosen, Whom::Fixed),
        }
    }

    /// From a row.
    pub(super) fn from_row(read: &impl Read, body: &Body, audience: &Audience) -> Result<Self, StoreError> {
        Ok(Self {
            text: body.text.clone(),
            format: body.format,
            photo: body.photo,
            document: body.document,
            buttons: typed_buttons(&body.buttons),
            within: body.answer_within,
            silent: body.silent,
            protect: body.protect,
            whom: Whom::from_row(read, audience)?,
        })
    }

    /// What it would say.
    pub(super) fn body(&self) -> Body {
        Body {
            text: self.text.clone(),
            format: self.format,
            buttons: self.rows(),
            photo: self.photo,
            document: self.document,
            silent: self.silent,
            protect: self.protect,
            answer_within: self.within,
            ..Body::default()
        }
    }

    fn rows(&self) -> Vec<Vec<Button>> {
        let mut rows: Vec<Vec<Button>> = Vec::new();
        for typed in self.buttons.iter().filter(|typed| !typed.is_empty()) {
            let button = button(typed);
            match rows.last_mut().filter(|_| typed.beside) {
                Some(row) => row.push(button),
                None => rows.push(vec![button]),
            }
        }
        rows
    }

    /// For whom it would be, or a note of what is wrong.
    pub(super) fn audience(&self, read: &impl Read, wrongs: &mut Wrongs) -> Result<Option<Audience>, Problem> {
        match &self.whom {
            Whom::Fixed(audience) => Ok(Some(audience.clone())),
            Whom::Chosen { kind: Kind::Everyone, .. } => Ok(Some(Audience::Everyone)),
            Whom::Chosen { kind: Kind::Tags, all, any, none, .. } => {
                Ok(audience::tags(all, any, none).map_err(|refusal| wrongs.join(refusal.into())).ok())
            }
            Whom::Chosen { kind: Kind::Picked, picked, .. } => match audience::picked(read, picked) {
                Ok(audience) => Ok(Some(audience)),
                Err(error) => {
                    wrongs.join(Wrongs::try_from(error)?);
                    Ok(None)
                }
            },
        }
    }
}

impl Whom {
    fn from_row(read: &impl Read, audience: &Audience) -> Result<Self, StoreError> {
        let chosen = |kind, [all, any, none, picked]: [String; 4]| Self::Chosen { kind, all, any, none, picked };
        let list = |tags: &[Tag]| tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(", ");
        let empty = String::new;
        Ok(match audience {
            Audience::Everyone => chosen(Kind::Everyone, [empty(), empty(), empty(), empty()]),
            Audience::Tags(filter) => {
                chosen(Kind::Tags, [list(&filter.all), list(&filter.any), list(&filter.none), empty()])
            }
            Audience::Picked(ids) => {
                let mut names = Vec::with_capacity(ids.len());
                for id in ids {
                    names.extend(accounts::get(read, *id)?.map(|account| account.username.to_string()));
                }
                chosen(Kind::Picked, [empty(), empty(), empty(), names.join("\n")])
            }
            Audience::Again { .. } => Self::Fixed(audience.clone()),
        })
    }
}

fn button(typed: &buttons::Typed) -> Button {
    let (label, target) = (typed.label.trim(), typed.target.trim());
    let action = match typed.kind {
        buttons::Kind::Opens => ButtonAction::Open(target.to_owned()),
        buttons::Kind::Answers => ButtonAction::Answer(if target.is_empty() { label } else { target }.to_owned()),
    };
    Button { label: label.to_owned(), action }
}

/// What is no number is kept as the greatest, which is refused where the message is checked.
fn within_of(text: &str) -> Option<u32> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.parse().unwrap_or(u32::MAX))
}

/// The rows of the editor up to the last that has something in it.
fn buttons_of(form: &Form) -> Vec<buttons::Typed> {
    let typed = (0..BUTTONS_MAX).map(|number| buttons::Typed {
        label: form.get(&label_field(number)).to_owned(),
        kind: buttons::Kind::parse(form.get(&kind_field(number))),
        target: form.get(&target_field(number)).to_owned(),
        beside: form.is_ticked(&beside_field(number)),
    });
    let mut rows: Vec<_> = typed.collect();
    while rows.last().is_some_and(buttons::Typed::is_empty) {
        rows.pop();
    }
    rows
}

fn typed_buttons(rows: &[Vec<Button>]) -> Vec<buttons::Typed> {
    let of = |(at, button): (usize, &Button)| {
        let (kind, target) = match &button.action {
            ButtonAction::Open(address) => (buttons::Kind::Opens, address.as_str()),
            ButtonAction::Answer(value) if *value == button.label => (buttons::Kind::Answers, ""),
            ButtonAction::Answer(value) => (buttons::Kind::Answers, value.as_str()),
            ButtonAction::Tell(_) => (buttons::Kind::Opens, ""),
        };
        buttons::Typed { label: button.label.clone(), kind, target: target.to_owned(), beside: at > 0 }
    };
    rows.iter().flat_map(|row| row.iter().enumerate().map(of)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Typed {
        Typed::of(&Form::parse(text.as_bytes()).ok().unwrap(), None)
    }

    #[test]
    fn buttons_stand_in_rows_and_come_back_as_they_were() {
        let typed = form(
            "button_label_0=A&button_target_0=https://a&button_label_2=B&button_target_2=https://b&button_beside_2=on\
             &button_label_3=C&button_target_3=https://c&button_label_4=&button_target_4=&button_kind_4=answer",
        );
        let rows: Vec<Vec<String>> =
            typed.rows().into_iter().map(|row| row.into_iter().map(|button| button.label).collect()).collect();
        assert_eq!(rows, [vec!["A".to_owned(), "B".to_owned()], vec!["C".to_owned()]]);
        assert_eq!(typed.buttons.len(), 4, "an empty row in between stays where it was typed");
        assert_eq!(typed_buttons(&typed.rows()).iter().map(|b| b.beside).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn an_answer_without_a_value_has_its_label_and_comes_back_empty() {
        let typed = form(
            "button_label_0=Yes+&button_kind_0=answer&button_label_1=No&button_kind_1=answer&button_target_1=no\
             &answer_within=3600",
        );
        let rows = typed.rows();
        let values: Vec<_> = rows.iter().flatten().map(|button| button.value().unwrap()).collect();
        assert_eq!((values, typed.body().answer_within), (vec!["Yes", "no"], Some(3_600)));
        let again: Vec<_> = typed_buttons(&rows).into_iter().map(|typed| (typed.kind, typed.target)).collect();
        assert_eq!(again, [(buttons::Kind::Answers, String::new()), (buttons::Kind::Answers, "no".to_owned())]);
        assert_eq!(form("answer_within=").within, None);
        assert_eq!(form("answer_within=soon").within, Some(u32::MAX), "refused by the check, not forgotten");
    }

    #[test]
    fn a_photo_is_kept_until_its_box_is_ticked() {
        assert_eq!(form("photo_id=7").photo, Some(PhotoId(7)));
        assert_eq!(form("photo_id=7&remove_photo=on").photo, None);
        assert_eq!(form("photo_id=x").photo, None);
        assert_eq!(form("document_id=7").document, Some(DocumentId(7)));
        assert_eq!(form("document_id=7&remove_document=on").document, None);
    }
}
