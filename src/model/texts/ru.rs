//! The bot's texts in Russian.

use super::TextKey;

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
        TextKey::StatusNotConnected => {
            "Этот чат не подключён. Чтобы подключить его, откройте ссылку или отсканируйте код, который показывает \
             {site}."
        }
        TextKey::Help => {
            "Я связываю этот чат с вашим аккаунтом на {site}: сообщения оттуда приходят сюда, а то, что вы пишете здесь, \
             приходит туда.\n\nЧтобы подключиться, откройте ссылку или отсканируйте код, который показывает {site}.\n\n\
             /status - к чему подключён этот чат\n/stop - отключить этот чат\n/privacy - что о вас \
             хранится\n/help - этот список"
        }
        TextKey::Privacy => {
            "{site} пишет вам через этого бота. Хранятся номер этого чата, ваши имя, имя пользователя и язык, какими их \
             показывает Telegram, и сообщения из этого чата; через {days} дн. они удаляются.\n\n/stop сразу отключает \
             этот чат. Чтобы удалить всё, попросите {site} удалить ваш аккаунт. Коды, которые присылает вам Telegram, \
             здесь никогда не спрашивают."
        }
        TextKey::PassedOn => "Передано: {site}.",
        TextKey::UnknownCommand => "Я не знаю такой команды. Отправьте /help, чтобы увидеть известные мне.",
        TextKey::PrivateOnly => "Я работаю только в личных чатах. Откройте чат со мной и начните там.",
        TextKey::AdminConnected => {
            "Вы подключены, {name}. Тестовые сообщения и уведомления {site} приходят сюда.\n\nЧтобы отключиться, \
             отправьте /stop."
        }
        TextKey::AdminDisconnected => {
            "Отключено. Тестовые сообщения и уведомления {site} больше не приходят сюда, {name}."
        }
        TextKey::CommandStart => "Начать",
        TextKey::CommandHelp => "Что я умею",
        TextKey::CommandStatus => "К чему подключён этот чат",
        TextKey::CommandStop => "Отключить этот чат",
        TextKey::CommandPrivacy => "Что о вас хранится",
    }
}
