//! The bot's texts in Spanish.

use super::TextKey;

#[expect(clippy::too_many_lines, reason = "a table: one entry for each text")]
pub(super) fn text(key: TextKey) -> &'static str {
    match key {
        TextKey::Greeting => "Hola, {username}, ¿qué tal?",
        TextKey::Connected => {
            "Este chat ya está conectado a {site} como {username}. Los mensajes de {site} llegarán aquí; lo que escribas \
             aquí irá a {site}.\n\nPara desconectarlo, envía /stop."
        }
        TextKey::ConnectedButton => "¿No eres tú? Desconectar",
        TextKey::UnknownCode => "No tengo ni idea de quién eres...",
        TextKey::ExpiredCode => "Este enlace ha caducado. Pide uno nuevo en {site} y ábrelo a tiempo.",
        TextKey::UsedCode => "Este enlace ya se usó; cada uno sirve una sola vez. Pide uno nuevo en {site}.",
        TextKey::RevokedCode => {
            "Este enlace ya no es válido. Si hay uno más reciente, usa ese; si no, pide uno nuevo en {site}."
        }
        TextKey::HeldCode => "Este enlace se está usando en otro chat. Pide uno nuevo en {site}.",
        TextKey::AlreadyConnected => "Ya tienes conexión con {site} como {username}. No hay nada más que hacer.",
        TextKey::Wait => "Demasiados códigos desconocidos. Espera {minutes} min y vuelve a intentarlo.",
        TextKey::VisitSite => "Visítame a través de un enlace del sitio web, por favor.",
        TextKey::OpenSiteButton => "Abrir {site}",
        TextKey::AskMove => {
            "Este chat está conectado a {site} como {other}. ¿Quieres conectarlo como {username} en su lugar? {other} \
             dejará de recibir mensajes aquí."
        }
        TextKey::MoveButton => "Conectar como {username}",
        TextKey::KeepButton => "Seguir con {other}",
        TextKey::AskConfirm => "¿Quieres conectar este chat a {site} como {username}?",
        TextKey::ConfirmButton => "Conectar",
        TextKey::DeclineButton => "Cancelar",
        TextKey::Moved => {
            "Hecho. Este chat ya está conectado a {site} como {username}, y no como {other}.\n\nPara desconectarlo, \
             envía /stop."
        }
        TextKey::Kept => "No se ha cambiado nada. Este chat sigue conectado a {site} como {other}.",
        TextKey::Declined => "Cancelado. Este chat no se ha conectado a {site}.",
        TextKey::Lapsed => "Esta pregunta ya no está abierta y no se ha cambiado nada. Pide un enlace nuevo en {site}.",
        TextKey::AnotherChat => {
            "Se acaba de conectar otro chat de Telegram a {site} como {username}. Si no has sido tú, avisa a {site}."
        }
        TextKey::Disconnected => {
            "Desconectado. {site} ya no puede escribirte aquí como {username}. Para volver a conectarte, pide un enlace \
             nuevo en {site}."
        }
        TextKey::NotConnected => "Este chat no está conectado, así que no hay nada que desconectar.",
        TextKey::DisconnectedBySite => {
            "{site} ha desconectado este chat de {username}. Para volver a conectarte, pide un enlace nuevo en {site}."
        }
        TextKey::AccountDeleted => {
            "La cuenta {username} se ha eliminado en {site}. Este chat ya no está conectado y sus mensajes se han borrado \
             allí."
        }
        TextKey::StatusConnected => {
            "Este chat está conectado a {site} como {username}.\n\nPara desconectarlo, envía /stop."
        }
        TextKey::Muted => {
            "Silenciado. Las novedades de {site} ya no llegan aquí; las respuestas y los mensajes personales siguen \
             llegando.\n\nPara recibir novedades otra vez, envía /unmute."
        }
        TextKey::AlreadyMuted => {
            "Este chat ya está silenciado: las novedades de {site} no llegan aquí. Para recibirlas otra vez, envía \
             /unmute."
        }
        TextKey::Unmuted => "Las novedades de {site} vuelven a llegar aquí.\n\nPara no recibir más, envía /mute.",
        TextKey::NotMuted => {
            "Este chat no está silenciado: las novedades de {site} llegan aquí. Para no recibirlas, envía /mute."
        }
        TextKey::StatusMuted => {
            "Este chat está silenciado: las novedades de {site} no llegan aquí, las respuestas y los mensajes \
             personales sí. Para recibir novedades otra vez, envía /unmute."
        }
        TextKey::StatusNotConnected => {
            "Este chat no está conectado. Para conectarlo, abre el enlace o escanea el código que te muestra {site}."
        }
        TextKey::Help => {
            "Conecto este chat con tu cuenta en {site}: los mensajes de allí llegan aquí, y lo que escribes aquí va \
             allí.\n\nPara conectarlo, abre el enlace o escanea el código que te muestra {site}.\n\n/status - a qué \
             está conectado este chat\n/mute - sin novedades, solo respuestas y mensajes personales\n/unmute - \
             volver a recibir novedades\n/settings - novedades y horas de silencio\n/stop - desconectar este \
             chat\n/privacy - qué se guarda sobre ti\n/delete - eliminarlo todo\n/help - esta lista"
        }
        TextKey::Privacy => {
            "{site} te escribe con este bot. Se guardan el número de este chat, tu nombre, tu alias y tu idioma tal \
             como los muestra Telegram, y los mensajes que se intercambian aquí, que se borran después de {days} \
             días.\n\n/stop desconecta este chat al instante. Para que se borre todo, envía /delete. Aquí nunca se \
             piden los códigos que te envía Telegram."
        }
        TextKey::PassedOn => "Transmitido a {site}.",
        TextKey::UnknownCommand => "No conozco ese comando. Envía /help para ver los que conozco.",
        TextKey::PrivateOnly => "Esto solo funciona en un chat privado. Abre un chat conmigo y hazlo allí.",
        TextKey::AdminConnected => {
            "Conexión lista, {name}. Los mensajes de prueba y los avisos de {site} llegan aquí.\n\nPara desconectarlo, \
             envía /stop."
        }
        TextKey::AdminDisconnected => {
            "Desconectado. Los mensajes de prueba y los avisos de {site} ya no llegan aquí, {name}."
        }
        TextKey::AskZone => {
            "¿Qué hora es donde estás? Elige un lugar con tu hora; las horas de silencio siguen su reloj."
        }
        TextKey::QuietWaits => {
            "Las horas de silencio son de {from} a {until} ({zone}): las novedades esperan hasta que terminen. Las respuestas y los mensajes personales llegan enseguida."
        }
        TextKey::QuietSilent => {
            "Las horas de silencio son de {from} a {until} ({zone}): entonces las novedades llegan sin sonido. Las respuestas y los mensajes personales llegan como siempre."
        }
        TextKey::QuietOffButton => "Sin horas de silencio",
        TextKey::QuietWaitButton => "Que las novedades esperen",
        TextKey::QuietSilentButton => "Novedades sin sonido",
        TextKey::ZoneButton => "Otra zona horaria",
        TextKey::MuteButton => "Ninguna novedad",
        TextKey::UnmuteButton => "Novedades otra vez",
        TextKey::AskErase => {
            "Esto elimina la cuenta {username} en {site} y todo lo que se guarda de ella: sus chats se desconectan, lo que espera no se envía y todos los mensajes se eliminan. {site} recibe un aviso. No se puede deshacer.\n\n¿Lo quieres?"
        }
        TextKey::EraseButton => "Eliminar todo",
        TextKey::EraseKeepButton => "Conservarlo",
        TextKey::EraseKept => "No se eliminó nada.",
        TextKey::EraseLapsed => {
            "Esta pregunta ya no está abierta, no se eliminó nada. Envía /delete para que te pregunte otra vez."
        }
        TextKey::EraseNothing => {
            "Este chat no está conectado, así que no se guarda nada para {site}. Lo que se sabe del propio chat se elimina en la semana siguiente a tu último mensaje."
        }
        TextKey::GroupHint => {
            "Para conectar este grupo con una cuenta en {site}, envía aquí /link con el código que te muestra {site}: /link CÓDIGO"
        }
        TextKey::AskGroup => {
            "Me añadiste al grupo «{group}». ¿Lo conecto con {site} como {username}? Los mensajes para {username} llegarán también allí, para todos los del grupo."
        }
        TextKey::GroupConnected => {
            "Hecho. El grupo «{group}» está conectado con {site} como {username}.\n\nPara desconectarlo, envía allí /stop con mi nombre o quítame."
        }
        TextKey::GroupDeclined => "No se cambió nada. El grupo «{group}» no está conectado con {site}.",
        TextKey::AnswerNoted => "Anotado: {answer}",
        TextKey::AnswerGiven => "Esto ya se respondió: {answer}",
        TextKey::AnswerLate => "El tiempo para responder terminó. No se cambió nada.",
        TextKey::AnswerForeign => "Esta pregunta no es para este chat. No se cambió nada.",
        TextKey::CommandStart => "Empezar",
        TextKey::CommandHelp => "Qué puedo hacer",
        TextKey::CommandStatus => "A qué está conectado este chat",
        TextKey::CommandMute => "No recibir novedades aquí",
        TextKey::CommandUnmute => "Volver a recibir novedades aquí",
        TextKey::CommandStop => "Desconectar este chat",
        TextKey::CommandSettings => "Novedades y horas de silencio",
        TextKey::CommandDelete => "Eliminar todo sobre ti",
        TextKey::CommandPrivacy => "Qué se guarda sobre ti",
    }
}
