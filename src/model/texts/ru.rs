//! The bot's texts in Russian.

use super::TextKey;

#[expect(clippy::too_many_lines, reason = "a table: one entry for each text")]
pub(super) fn text(key: TextKey) -> &'static str {
    match key {
        TextKey::Greeting => "Привет, {username}! Как дела?",
        TextKey::Connected => {
            "Теперь этот чат подключён к {site}, аккаунт {username}. Сообщения от {site} будут приходить сюда; то, что \
             вы пишете здесь, получит {site}.\n\nЧтобы отключиться, отправьте /stop."
        }
        TextKey::ConnectedButton => "Это не вы? Отключить",
        TextKey::UnknownCode => "Понятия не имею, кто вы...",
        TextKey::ExpiredCode => "Срок действия ссылки истёк. Получите на {site} новую и откройте её вовремя.",
        TextKey::UsedCode => "Эта ссылка уже использована; каждая действует один раз. Получите на {site} новую.",
        TextKey::RevokedCode => {
            "Эта ссылка больше не действует. Если есть более новая, откройте её; если нет, получите на {site} новую."
        }
        TextKey::HeldCode => "Эта ссылка сейчас открыта в другом чате. Получите на {site} новую.",
        TextKey::AlreadyConnected => "Вы уже подключены к {site}, аккаунт {username}. Больше ничего делать не нужно.",
        TextKey::Wait => "Слишком много неизвестных кодов. Подождите {minutes} мин и попробуйте снова.",
        TextKey::VisitSite => "Пожалуйста, перейдите ко мне по ссылке с сайта.",
        TextKey::OpenSiteButton => "Открыть {site}",
        TextKey::AskMove => {
            "Этот чат подключён к {site}, аккаунт {other}. Подключить его вместо этого к аккаунту {username}? Сообщения \
             для {other} перестанут приходить сюда."
        }
        TextKey::MoveButton => "Подключить {username}",
        TextKey::KeepButton => "Оставить {other}",
        TextKey::AskConfirm => "Подключить этот чат к {site}, аккаунт {username}?",
        TextKey::ConfirmButton => "Подключить",
        TextKey::DeclineButton => "Отмена",
        TextKey::Moved => {
            "Готово. Теперь этот чат подключён к {site}, аккаунт {username}, а не {other}.\n\nЧтобы отключиться, \
             отправьте /stop."
        }
        TextKey::Kept => "Ничего не изменилось. Этот чат остаётся подключён к {site}, аккаунт {other}.",
        TextKey::Declined => "Отменено. Этот чат не подключён к {site}.",
        TextKey::Lapsed => "Этот вопрос уже закрыт, ничего не изменилось. Получите на {site} новую ссылку.",
        TextKey::AnotherChat => {
            "К {site} только что подключён ещё один чат Telegram, аккаунт {username}. Если это были не вы, сообщите \
             {site}."
        }
        TextKey::Disconnected => {
            "Отключено. {site} больше не может писать вам сюда, аккаунт {username}. Чтобы подключиться снова, получите \
             на {site} новую ссылку."
        }
        TextKey::NotConnected => "Этот чат не подключён, отключать нечего.",
        TextKey::DisconnectedBySite => {
            "{site} отключает этот чат от аккаунта {username}. Чтобы подключиться снова, получите на {site} новую ссылку."
        }
        TextKey::AccountDeleted => {
            "Аккаунт {username} на {site} удалён. Этот чат больше не подключён, его сообщения там удалены."
        }
        TextKey::StatusConnected => {
            "Этот чат подключён к {site}, аккаунт {username}.\n\nЧтобы отключиться, отправьте /stop."
        }
        TextKey::Muted => {
            "Новости отключены. Новости {site} больше не приходят сюда; ответы и личные сообщения приходят \
             по-прежнему.\n\nЧтобы снова получать новости, отправьте /unmute."
        }
        TextKey::AlreadyMuted => {
            "Новости уже отключены: новости {site} не приходят сюда. Чтобы снова получать их, отправьте /unmute."
        }
        TextKey::Unmuted => "Новости {site} снова приходят сюда.\n\nЧтобы больше не получать их, отправьте /mute.",
        TextKey::NotMuted => {
            "Новости не отключены: новости {site} приходят сюда. Чтобы не получать их, отправьте /mute."
        }
        TextKey::StatusMuted => {
            "Новости отключены: новости {site} не приходят сюда, ответы и личные сообщения приходят. Чтобы снова \
             получать новости, отправьте /unmute."
        }
        TextKey::StatusNotConnected => {
            "Этот чат не подключён. Чтобы подключить его, откройте ссылку или отсканируйте код, который показывает \
             {site}."
        }
        TextKey::Help => {
            "Я связываю этот чат с вашим аккаунтом на {site}: сообщения оттуда приходят сюда, а то, что вы пишете \
             здесь, приходит туда.\n\nЧтобы подключиться, откройте ссылку или отсканируйте код, который показывает \
             {site}.\n\n/status - к чему подключён этот чат\n/mute - без новостей, только ответы и личные \
             сообщения\n/unmute - снова получать новости\n/settings - новости и тихие часы\n/stop - отключить этот \
             чат\n/privacy - что о вас хранится\n/delete - удалить всё это\n/help - этот список"
        }
        TextKey::Privacy => {
            "{site} пишет вам через этого бота. Хранятся номер этого чата, ваши имя, имя пользователя и язык, какими \
             их показывает Telegram, и сообщения из этого чата; через {days} дн. они удаляются.\n\n/stop сразу \
             отключает этот чат. Чтобы удалить всё, отправьте /delete. Коды, которые присылает вам Telegram, здесь \
             никогда не спрашивают."
        }
        TextKey::PassedOn => "Передано: {site}.",
        TextKey::UnknownCommand => "Я не знаю такой команды. Отправьте /help, чтобы увидеть известные мне.",
        TextKey::PrivateOnly => "Это работает только в личном чате. Откройте чат со мной и сделайте это там.",
        TextKey::AdminConnected => {
            "Вы подключены, {name}. Тестовые сообщения и уведомления {site} приходят сюда.\n\nЧтобы отключиться, \
             отправьте /stop."
        }
        TextKey::AdminDisconnected => {
            "Отключено. Тестовые сообщения и уведомления {site} больше не приходят сюда, {name}."
        }
        TextKey::AskZone => "Который у вас час? Выберите место с вашим временем: тихие часы идут по его часам.",
        TextKey::QuietWaits => {
            "Тихие часы с {from} до {until} ({zone}): новости ждут, пока они не закончатся. Ответы и личные сообщения приходят сразу."
        }
        TextKey::QuietSilent => {
            "Тихие часы с {from} до {until} ({zone}): новости приходят без звука. Ответы и личные сообщения приходят как обычно."
        }
        TextKey::QuietOffButton => "Без тихих часов",
        TextKey::QuietWaitButton => "Пусть новости ждут",
        TextKey::QuietSilentButton => "Новости без звука",
        TextKey::ZoneButton => "Другой часовой пояс",
        TextKey::MuteButton => "Без новостей",
        TextKey::UnmuteButton => "Снова новости",
        TextKey::AskErase => {
            "Будет удалён аккаунт {username} на {site} и всё, что о нём хранится: его чаты отключатся, ожидающее не отправится, все сообщения удалятся. {site} узнает об этом. Отменить это нельзя.\n\nУдалить?"
        }
        TextKey::EraseButton => "Удалить всё",
        TextKey::EraseKeepButton => "Оставить",
        TextKey::EraseKept => "Ничего не удалено.",
        TextKey::EraseLapsed => {
            "Этот вопрос больше не открыт, ничего не удалено. Отправьте /delete, чтобы я спросил снова."
        }
        TextKey::EraseNothing => {
            "Этот чат не подключён, поэтому для {site} ничего не хранится. Сведения о самом чате удаляются в течение недели после вашего последнего сообщения."
        }
        TextKey::GroupHint => {
            "Чтобы подключить эту группу к аккаунту на {site}, отправьте сюда /link с кодом, который показывает {site}: /link КОД"
        }
        TextKey::AskGroup => {
            "Вы добавили меня в группу «{group}». Подключить её к {site} как {username}? Сообщения для {username} будут приходить и туда, для всех в группе."
        }
        TextKey::GroupConnected => {
            "Готово. Группа «{group}» подключена к {site} как {username}.\n\nЧтобы отключить её, отправьте там /stop с моим именем или удалите меня."
        }
        TextKey::GroupDeclined => "Ничего не изменилось. Группа «{group}» не подключена к {site}.",
        TextKey::AnswerNoted => "Записано: {answer}",
        TextKey::AnswerGiven => "Ответ уже дан: {answer}",
        TextKey::AnswerLate => "Время для ответа истекло. Ничего не изменилось.",
        TextKey::AnswerForeign => "Этот вопрос не для этого чата. Ничего не изменилось.",
        TextKey::CommandStart => "Начать",
        TextKey::CommandHelp => "Что я умею",
        TextKey::CommandStatus => "К чему подключён этот чат",
        TextKey::CommandMute => "Не получать здесь новостей",
        TextKey::CommandUnmute => "Снова получать здесь новости",
        TextKey::CommandStop => "Отключить этот чат",
        TextKey::CommandSettings => "Новости и тихие часы",
        TextKey::CommandDelete => "Удалить всё о вас",
        TextKey::CommandPrivacy => "Что о вас хранится",
    }
}
