//! The bot's texts in German.

use super::TextKey;

#[expect(clippy::too_many_lines, reason = "a table: one entry for each text")]
pub(super) fn text(key: TextKey) -> &'static str {
    match key {
        TextKey::Greeting => "Hallo {username}, wie geht es dir?",
        TextKey::Connected => {
            "Dieser Chat ist jetzt mit {site} verbunden, als {username}. Nachrichten von {site} kommen hier an; was du \
             hier schreibst, geht an {site}.\n\nZum Trennen sende /stop."
        }
        TextKey::ConnectedButton => "Nicht du? Trennen",
        TextKey::UnknownCode => "Ich habe keine Ahnung, wer du bist ...",
        TextKey::ExpiredCode => {
            "Dieser Link ist abgelaufen. Hole dir bei {site} einen neuen und öffne ihn rechtzeitig."
        }
        TextKey::UsedCode => "Dieser Link wurde schon benutzt; jeder gilt nur einmal. Hole dir bei {site} einen neuen.",
        TextKey::RevokedCode => {
            "Dieser Link gilt nicht mehr. Wenn es einen neueren gibt, nimm den; sonst hole dir bei {site} einen neuen."
        }
        TextKey::HeldCode => "Dieser Link wird gerade in einem anderen Chat benutzt. Hole dir bei {site} einen neuen.",
        TextKey::AlreadyConnected => "Du bist schon mit {site} verbunden, als {username}. Es ist nichts mehr zu tun.",
        TextKey::Wait => "Zu viele unbekannte Codes. Warte {minutes} min und versuche es dann noch einmal.",
        TextKey::VisitSite => "Bitte besuche mich über einen Link von der Website.",
        TextKey::OpenSiteButton => "{site} öffnen",
        TextKey::AskMove => {
            "Dieser Chat ist mit {site} verbunden, als {other}. Möchtest du ihn stattdessen als {username} verbinden? \
             {other} bekommt dann hier keine Nachrichten mehr."
        }
        TextKey::MoveButton => "Als {username} verbinden",
        TextKey::KeepButton => "Bei {other} bleiben",
        TextKey::AskConfirm => "Möchtest du diesen Chat mit {site} verbinden, als {username}?",
        TextKey::ConfirmButton => "Verbinden",
        TextKey::DeclineButton => "Abbrechen",
        TextKey::Moved => {
            "Erledigt. Dieser Chat ist jetzt mit {site} verbunden als {username} und nicht mehr als {other}.\n\nZum \
             Trennen sende /stop."
        }
        TextKey::Kept => "Nichts wurde geändert. Dieser Chat bleibt mit {site} verbunden, als {other}.",
        TextKey::Declined => "Abgebrochen. Dieser Chat wurde nicht mit {site} verbunden.",
        TextKey::Lapsed => {
            "Diese Frage ist nicht mehr offen, nichts wurde geändert. Hole dir bei {site} einen neuen Link."
        }
        TextKey::AnotherChat => {
            "Gerade wurde ein weiterer Telegram-Chat mit {site} verbunden, als {username}. Wenn du das nicht warst, sage \
             es {site}."
        }
        TextKey::Disconnected => {
            "Getrennt. {site} kann dir hier nicht mehr schreiben als {username}. Um dich wieder zu verbinden, hole dir \
             bei {site} einen neuen Link."
        }
        TextKey::NotConnected => "Dieser Chat ist nicht verbunden, es gibt also nichts zu trennen.",
        TextKey::DisconnectedBySite => {
            "{site} hat diesen Chat von {username} getrennt. Um dich wieder zu verbinden, hole dir bei {site} einen \
             neuen Link."
        }
        TextKey::AccountDeleted => {
            "Das Konto {username} wurde bei {site} gelöscht. Dieser Chat ist nicht mehr verbunden, seine Nachrichten \
             wurden dort gelöscht."
        }
        TextKey::StatusConnected => "Dieser Chat ist mit {site} verbunden, als {username}.\n\nZum Trennen sende /stop.",
        TextKey::Muted => {
            "Stummgeschaltet. Neuigkeiten von {site} kommen hier nicht mehr an; Antworten und persönliche \
             Nachrichten kommen weiterhin.\n\nUm wieder Neuigkeiten zu bekommen, sende /unmute."
        }
        TextKey::AlreadyMuted => {
            "Dieser Chat ist schon stummgeschaltet: Neuigkeiten von {site} kommen hier nicht an. Um sie wieder zu \
             bekommen, sende /unmute."
        }
        TextKey::Unmuted => "Neuigkeiten von {site} kommen hier wieder an.\n\nUm keine mehr zu bekommen, sende /mute.",
        TextKey::NotMuted => {
            "Dieser Chat ist nicht stummgeschaltet: Neuigkeiten von {site} kommen hier an. Um keine zu bekommen, \
             sende /mute."
        }
        TextKey::StatusMuted => {
            "Dieser Chat ist stummgeschaltet: Neuigkeiten von {site} kommen hier nicht an, Antworten und \
             persönliche Nachrichten schon. Um wieder Neuigkeiten zu bekommen, sende /unmute."
        }
        TextKey::StatusNotConnected => {
            "Dieser Chat ist nicht verbunden. Zum Verbinden öffne den Link oder scanne den Code, den {site} dir zeigt."
        }
        TextKey::Help => {
            "Ich verbinde diesen Chat mit deinem Konto bei {site}: Nachrichten von dort kommen hier an, und was du \
             hier schreibst, geht dorthin.\n\nZum Verbinden öffne den Link oder scanne den Code, den {site} dir \
             zeigt.\n\n/status - womit dieser Chat verbunden ist\n/mute - keine Neuigkeiten, nur Antworten und \
             persönliche Nachrichten\n/unmute - wieder Neuigkeiten bekommen\n/settings - Neuigkeiten und \
             Ruhezeit\n/stop - diesen Chat trennen\n/privacy - was über dich gespeichert ist\n/delete - alles davon \
             löschen\n/help - diese Liste"
        }
        TextKey::Privacy => {
            "{site} schreibt dir über diesen Bot. Gespeichert werden die Nummer dieses Chats, dein Name, dein \
             Benutzername und deine Sprache, wie Telegram sie zeigt, und die Nachrichten, die hier ausgetauscht \
             werden; sie werden nach {days} Tagen gelöscht.\n\n/stop trennt diesen Chat sofort. Wenn alles gelöscht \
             werden soll, sende /delete. Nach Codes, die Telegram dir schickt, wird hier nie gefragt."
        }
        TextKey::PassedOn => "An {site} weitergegeben.",
        TextKey::UnknownCommand => "Diesen Befehl kenne ich nicht. Sende /help für die, die ich kenne.",
        TextKey::PrivateOnly => "Das geht nur in einem privaten Chat. Öffne einen Chat mit mir und tu es dort.",
        TextKey::AdminConnected => {
            "Du bist verbunden, {name}. Testnachrichten und Hinweise von {site} kommen hier an.\n\nZum Trennen sende \
             /stop."
        }
        TextKey::AdminDisconnected => {
            "Getrennt. Testnachrichten und Hinweise von {site} kommen hier nicht mehr an, {name}."
        }
        TextKey::AskZone => {
            "Wie spät ist es bei dir? Wähle einen Ort mit deiner Uhrzeit; die Ruhezeit richtet sich nach seiner Uhr."
        }
        TextKey::QuietWaits => {
            "Die Ruhezeit ist von {from} bis {until} ({zone}): Neuigkeiten warten, bis sie vorbei ist. Antworten und persönliche Nachrichten kommen sofort."
        }
        TextKey::QuietSilent => {
            "Die Ruhezeit ist von {from} bis {until} ({zone}): Neuigkeiten kommen dann ohne Ton. Antworten und persönliche Nachrichten kommen wie immer."
        }
        TextKey::QuietOffButton => "Keine Ruhezeit",
        TextKey::QuietWaitButton => "Neuigkeiten warten lassen",
        TextKey::QuietSilentButton => "Neuigkeiten ohne Ton",
        TextKey::ZoneButton => "Andere Zeitzone",
        TextKey::MuteButton => "Keine Neuigkeiten",
        TextKey::UnmuteButton => "Wieder Neuigkeiten",
        TextKey::AskErase => {
            "Das löscht das Konto {username} bei {site} und alles, was darüber gespeichert ist: Seine Chats werden getrennt, was wartet, wird nicht gesendet, und alle Nachrichten werden gelöscht. {site} erfährt davon. Es lässt sich nicht rückgängig machen.\n\nMöchtest du das?"
        }
        TextKey::EraseButton => "Alles löschen",
        TextKey::EraseKeepButton => "Behalten",
        TextKey::EraseKept => "Nichts wurde gelöscht.",
        TextKey::EraseLapsed => {
            "Diese Frage ist nicht mehr offen, nichts wurde gelöscht. Sende /delete, um erneut gefragt zu werden."
        }
        TextKey::EraseNothing => {
            "Dieser Chat ist nicht verbunden, also ist für {site} nichts gespeichert. Was über den Chat selbst bekannt ist, wird innerhalb einer Woche nach deiner letzten Nachricht gelöscht."
        }
        TextKey::GroupHint => {
            "Um diese Gruppe mit einem Konto bei {site} zu verbinden, sende hier /link mit dem Code, den {site} dir zeigt: /link CODE"
        }
        TextKey::AskGroup => {
            "Du hast mich zur Gruppe „{group}“ hinzugefügt. Soll sie mit {site} als {username} verbunden werden? Nachrichten für {username} kommen dann auch dort an, für alle in der Gruppe."
        }
        TextKey::GroupConnected => {
            "Fertig. Die Gruppe „{group}“ ist mit {site} als {username} verbunden.\n\nZum Trennen sende dort /stop mit meinem Namen oder entferne mich."
        }
        TextKey::GroupDeclined => "Nichts wurde geändert. Die Gruppe „{group}“ ist nicht mit {site} verbunden.",
        TextKey::AnswerNoted => "Notiert: {answer}",
        TextKey::AnswerGiven => "Das wurde schon beantwortet: {answer}",
        TextKey::AnswerLate => "Die Zeit für eine Antwort ist vorbei. Nichts wurde geändert.",
        TextKey::AnswerForeign => "Diese Frage ist nicht für diesen Chat. Nichts wurde geändert.",
        TextKey::CommandStart => "Beginnen",
        TextKey::CommandHelp => "Was ich kann",
        TextKey::CommandStatus => "Womit dieser Chat verbunden ist",
        TextKey::CommandMute => "Hier keine Neuigkeiten bekommen",
        TextKey::CommandUnmute => "Hier wieder Neuigkeiten bekommen",
        TextKey::CommandStop => "Diesen Chat trennen",
        TextKey::CommandSettings => "Neuigkeiten und Ruhezeit",
        TextKey::CommandDelete => "Alles über dich löschen",
        TextKey::CommandPrivacy => "Was über dich gespeichert ist",
    }
}
