//! A call to the Bot API from its path to its answer: the token, the method, the parameters, faults, the journal.

use std::sync::Arc;
use std::time::Duration;

use super::access::Place;
use super::answer::Answer;
use super::faults::Trouble;
use super::journal::{Call, Outcome};
use super::methods::{self, Method};
use super::params::Params;
use super::profile::Text;
use super::refusal::Refusal;
use super::world::{Core, Moment, World};
use super::{access, editing, polling, sending, shapes, uploads};
use crate::runtime;
use crate::secret::same;

/// How long `close` is refused after a start, and the bot unknown after `logOut` (Bot API, "Using a local server").
const TEN_MINUTES: Duration = Duration::from_mins(10);

/// Answers `/bot<TOKEN>/<method>`.
pub(super) async fn serve(request: tide::Request<Arc<Core>>) -> tide::Result {
    let core = Arc::clone(request.state());
    Ok(answer(&core, request).await.into_response())
}

async fn answer(core: &Core, mut request: tide::Request<Arc<Core>>) -> Answer {
    let path = percent_encoding::percent_decode_str(request.url().path()).decode_utf8_lossy().into_owned();
    let Some((token, name)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return Answer::Refused(Refusal::not_found());
    };
    if let Err(refusal) = check_token(core, token) {
        return Answer::Refused(refusal);
    }
    let method = methods::find(name);
    let mut params = Params::default();
    let read = read(&mut request, &mut params, method).await;
    let chat = params.int("chat_id");
    let mut call = Call {
        number: 0,
        at: core.clock.now(),
        method: name.to_owned(),
        chat,
        params: Vec::new(),
        outcome: Outcome::Done,
        warnings: method.map(|method| params.warnings(method)).unwrap_or_default(),
    };
    let trouble = core.world().faults.strike(name, chat);
    let answer = match read {
        Ok(()) => with_trouble(core, method, &params, trouble).await,
        Err(refusal) => Answer::Refused(refusal),
    };
    call.outcome = answer.outcome();
    call.params = params.into_list();
    core.world().journal.write(call);
    core.changes.beat();
    answer
}

/// Answers `/file/bot<TOKEN>/<folder>/<file>`: the download of what `getFile` described (Bot API, `File.file_path`).
pub(super) async fn download(request: tide::Request<Arc<Core>>) -> tide::Result {
    let core = request.state();
    let bot = percent_encoding::percent_decode_str(request.param("bot")?).decode_utf8_lossy().into_owned();
    let known = match bot.strip_prefix("bot") {
        Some(token) => check_token(core, token),
        None => Err(Refusal::not_found()),
    };
    if let Err(refusal) = known {
        return Ok(Answer::Refused(refusal).into_response());
    }
    let world = core.world();
    Ok(match world.files.at(request.param("folder")?, request.param("name")?) {
        Some((file, content)) => {
            tide::Response::builder(200).content_type(file.mime.as_str()).body(uploads::body(content)).build()
        }
        None => Answer::Refused(Refusal::not_found()).into_response(),
    })
}

/// 401 for a token of the right form that is not ours, 404 for what is no token.
fn check_token(core: &Core, token: &str) -> Result<(), Refusal> {
    let world = core.world();
    let gone = world.logged_out.is_some_and(|until| core.clock.elapsed() < until);
    if !gone && same(token, world.bot.token.expose()) {
        return Ok(());
    }
    let formed = token.split_once(':').is_some_and(|(id, key)| {
        let known = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        (1..=15).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_digit())
            && key.len() >= 30
            && key.bytes().all(known)
    });
    Err(if formed { Refusal::unauthorized() } else { Refusal::not_found() })
}

async fn read(
    request: &mut tide::Request<Arc<Core>>,
    params: &mut Params,
    method: Option<Method>,
) -> Result<(), Refusal> {
    if let Some(query) = request.url().query() {
        params.add_pairs(query.as_bytes());
    }
    let content_type = request.header("content-type").map(|value| value.as_str().to_owned()).unwrap_or_default();
    let kind = content_type.to_ascii_lowercase();
    if kind.starts_with("multipart/form-data") {
        return uploads::read(params, &content_type, request.take_body()).await;
    }
    let body = request.body_bytes().await.map_err(|_| Refusal::bad("the request body could not be read"))?;
    if kind.starts_with("application/json") {
        params.add_json(&body, method)
    } else {
        if kind.starts_with("application/x-www-form-urlencoded") {
            params.add_pairs(&body);
        }
        Ok(())
    }
}

async fn with_trouble(core: &Core, method: Option<Method>, params: &Params, trouble: Option<Trouble>) -> Answer {
    let Some(trouble) = trouble else { return carry_out(core, method, params).await };
    match trouble {
        Trouble::TooManyRequests { retry_after } => Answer::Hit(Refusal::too_many(retry_after)),
        Trouble::ServerError { status } => Answer::Hit(Refusal::new(status, "Internal Server Error")),
        Trouble::Unauthorized => Answer::Hit(Refusal::unauthorized()),
        Trouble::NotFound => Answer::Hit(Refusal::not_found()),
        Trouble::Blocked => Answer::Hit(Refusal::forbidden("bot was blocked by the user")),
        Trouble::Refuse { code, description, migrate_to_chat_id } => {
            Answer::Hit(Refusal { migrate_to: migrate_to_chat_id, ..Refusal::new(code, description) })
        }
        Trouble::HtmlBadGateway => Answer::BadGateway,
        Trouble::ResetBefore => Answer::Closed { done: false },
        Trouble::Delay { wait_ms } => {
            runtime::sleep(Duration::from_millis(wait_ms)).await;
            carry_out(core, method, params).await
        }
        Trouble::Garbage => ruin(carry_out(core, method, params).await, |_| Answer::Garbage),
        Trouble::ServerErrorAfter { status } => {
            ruin(carry_out(core, method, params).await, |_| Answer::ErrorAfter { status })
        }
        Trouble::SlowBody { wait_ms } => {
            let wait = Duration::from_millis(wait_ms);
            ruin(carry_out(core, method, params).await, |json| Answer::Late { json, wait })
        }
        Trouble::DropAnswer => ruin(carry_out(core, method, params).await, |_| Answer::Closed { done: true }),
        Trouble::HalfAnswer => ruin(carry_out(core, method, params).await, |json| Answer::Half { json }),
    }
}

/// Spoils the answer to a call that was carried out; refusals stay as they are.
fn ruin(answer: Answer, how: impl FnOnce(String) -> Answer) -> Answer {
    match answer {
        Answer::Done(json) => how(json),
        Answer::Refused(_)
        | Answer::Hit(_)
        | Answer::BadGateway
        | Answer::Garbage
        | Answer::Closed { .. }
        | Answer::Half { .. }
        | Answer::ErrorAfter { .. }
        | Answer::Late { .. } => answer,
    }
}

async fn carry_out(core: &Core, method: Option<Method>, params: &Params) -> Answer {
    let result = match method {
        None => Err(Refusal::not_found()),
        Some(Method::GetUpdates) => polling::get_updates(core, params).await,
        Some(method) => {
            let moment = core.moment();
            let result = dispatch(&mut core.world(), method, params, moment);
            if method == Method::SetWebhook {
                core.arrivals.beat();
            }
            result
        }
    };
    match result {
        Ok(json) => Answer::Done(json),
        Err(refusal) => Answer::Refused(refusal),
    }
}

fn dispatch(world: &mut World, method: Method, params: &Params, moment: Moment) -> Result<String, Refusal> {
    match method {
        Method::GetMe => Ok(shapes::me(world)),
        Method::LogOut => {
            world.logged_out = Some(moment.elapsed + TEN_MINUTES);
            Ok("true".to_owned())
        }
        Method::Close => {
            let left = (world.bot.started + TEN_MINUTES).saturating_sub(moment.elapsed);
            let seconds = u32::try_from(left.as_secs()).unwrap_or(u32::MAX);
            if seconds > 0 { Err(Refusal::too_many(seconds)) } else { Ok("true".to_owned()) }
        }
        Method::GetUpdates => Err(Refusal::not_found()),
        Method::SetWebhook => polling::set_webhook(world, params),
        Method::DeleteWebhook => Ok(polling::delete_webhook(world, params)),
        Method::GetWebhookInfo => Ok(polling::webhook_info(world)),
        Method::SendMessage => sending::send_message(world, params, moment),
        Method::SendPhoto => sending::send_photo(world, params, moment),
        Method::SendDocument => sending::send_document(world, params, moment),
        Method::GetFile => world.files.describe(params.text("file_id")),
        Method::SendChatAction => sending::chat_action(world, params),
        Method::EditMessageText => editing::edit_text(world, params, moment),
        Method::EditMessageCaption => editing::edit_caption(world, params, moment),
        Method::EditMessageReplyMarkup => editing::edit_markup(world, params, moment),
        Method::DeleteMessage => editing::delete(world, params, moment),
        Method::DeleteMessages => editing::delete_many(world, params, moment),
        Method::AnswerCallbackQuery => sending::answer_query(world, params, moment),
        Method::SetMyCommands => world.profile.set_commands(params),
        Method::GetMyCommands => world.profile.get_commands(params),
        Method::DeleteMyCommands => world.profile.delete_commands(params),
        Method::SetMyName => world.profile.set_text(Text::Name, params),
        Method::GetMyName => Ok(world.profile.get_text(Text::Name, params)),
        Method::SetMyDescription => world.profile.set_text(Text::Description, params),
        Method::GetMyDescription => Ok(world.profile.get_text(Text::Description, params)),
        Method::SetMyShortDescription => world.profile.set_text(Text::ShortDescription, params),
        Method::GetMyShortDescription => Ok(world.profile.get_text(Text::ShortDescription, params)),
        Method::GetChat => Ok(match access::known_chat(world, params)? {
            Place::Private(chat) => shapes::full_chat(&chat.person),
            Place::Group(group) => shapes::full_group(group),
        }),
        Method::GetChatMember => {
            let user = params.int("user_id").unwrap_or(0);
            let member = match access::known_chat(world, params)? {
                Place::Private(chat) => shapes::member(world, chat, user),
                Place::Group(group) => shapes::group_member(world, group, user),
            };
            member.ok_or_else(|| Refusal::bad("member not found"))
        }
    }
}
